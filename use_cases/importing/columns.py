"""The columns that an import knows, under every heading that people give them."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from use_cases.importing.amounts import read_area, read_yuan, square_metres_per, yuan_per
from use_cases.importing.values import (
    LONGEST_SOURCE,
    LONGEST_TEXT,
    read_date,
    read_manufacturing,
    read_number,
    read_stage,
    read_yes_no,
)


@dataclass(frozen=True)
class Column:
    """One thing a row can say. `key` names the field; the usual headings come first, zh and en."""

    key: str
    headings: str
    """Every heading it goes by, `|` between them; blanks, case, `_` and `*` do not matter."""
    read: Callable[..., Any] | None = None
    """What makes more of the text than text."""
    unit_of: Callable[[str], int | Decimal | None] | None = None
    """For what is measured: how many yuan or square metres a unit in the heading stands for."""
    longest: int = LONGEST_TEXT

    @property
    def all_headings(self) -> tuple[str, ...]:
        return tuple(each.strip() for each in self.headings.split("|"))


COLUMNS = (
    Column(
        "number",
        "项目编号 | number | 编号 | 项目号 | project number",
        read_number,
    ),
    Column(
        "name_zh",
        "项目名称 | name_zh | 项目 | 名称 | 中文名称 | 项目中文名称 | 项目名 | name | project | "
        "project name | chinese name",
    ),
    Column(
        "name_en",
        "英文名称 | name_en | 项目英文名称 | 英文名 | english name",
    ),
    Column(
        "investor",
        "投资方 | investor | 投资主体 | 投资企业 | 投资单位 | 企业名称 | 投资人 | company",
    ),
    Column(
        "investor_contact",
        "投资方联系人 | investor_contact | 联系人 | 企业联系人 | investor's contact | contact",
    ),
    Column(
        "host_unit",
        "落户县市区 | host_unit | 承接地 | 县市区 | 落户地 | 落地县市区 | 所属县市区 | "
        "承接县市区 | 属地 | 区县 | unit | host",
    ),
    Column(
        "host_code",
        "县市区代码 | host_code | 承接地代码 | 行政区划代码 | 区划代码 | unit code | code",
    ),
    Column(
        "headquarters",
        "招商引才总部 | headquarters | 招商总部 | 总部 | 引荐总部 | 来源总部 | headquarters_key",
    ),
    Column(
        "special_team",
        "专班 | special_team | 服务专班 | special_team_key | team",
    ),
    Column(
        "owner",
        "项目负责人 | owner | 负责人 | 责任人 | 项目专员 | project owner",
    ),
    Column(
        "industry",
        "产业 | industry | 行业 | 所属产业 | 所属行业 | 产业类别 | 产业领域",
    ),
    Column(
        "manufacturing",
        "是否制造业 | manufacturing | 制造业 | 制造业项目 | 是否制造业项目 | manufacturing or not",
        read_manufacturing,
    ),
    Column(
        "investment",
        "总投资 | investment | 投资额 | 投资总额 | 计划总投资 | 协议投资额 | 项目总投资 | "
        "投资 | total investment",
        read_yuan,
        yuan_per,
    ),
    Column(
        "marked_major",
        "重大项目 | marked_major | 列为重大项目 | 是否重大项目 | major | major project | "
        "marked as a major project",
        read_yes_no,
    ),
    Column(
        "needs_factory",
        "是否需租赁厂房 | needs_factory | 需租赁厂房 | 是否租赁厂房 | 是否需要租赁厂房 | "
        "是否需要厂房 | 需要厂房 | needs a factory | "
        "whether a factory has to be leased",
        read_yes_no,
    ),
    Column(
        "stage",
        "项目阶段 | stage | 阶段 | 当前阶段 | 进展阶段 | stage_reported | 项目状态 | 状态 | status",
        read_stage,
    ),
    Column(
        "contract_number",
        "合同编号 | contract_number | 合同号 | 协议编号",
    ),
    Column(
        "contract_date",
        "签约日期 | contract_date | 合同签订日期 | 签约时间 | 合同日期 | signed_date | "
        "signing date | date of contract",
        read_date,
    ),
    Column(
        "planned_start",
        "计划开工日期 | planned_start | 计划开工时间 | 计划开工 | 拟开工时间 | planned start date",
        read_date,
    ),
    Column(
        "site",
        "项目选址 | site | 厂房地址 | 项目地址 | 地址 | 选址 | 建设地点",
    ),
    Column(
        "area",
        "厂房面积 | area | 面积 | 用地面积 | 建筑面积 | 租赁面积",
        read_area,
        square_metres_per,
    ),
    Column(
        "funds_required",
        "所需资金 | funds_required | 资金需求 | 需到位资金",
        read_yuan,
        yuan_per,
    ),
    Column(
        "funds_ready",
        "已到位资金 | funds_ready | 到位资金 | 资金到位 | 已落实资金",
        read_yuan,
        yuan_per,
    ),
    Column(
        "start_date",
        "开工日期 | start_date | 开工时间 | 实际开工日期 | 实际开工时间 | started_date | "
        "date of start",
        read_date,
    ),
    Column(
        "permit_number",
        "施工许可证号 | permit_number | 施工许可证编号 | 施工许可 | construction permit number",
    ),
    Column(
        "source",
        "资料来源 | source | 来源 | 信息来源 | source_url | 来源网址",
        longest=LONGEST_SOURCE,
    ),
)

NAMES, HOSTS, STAGES = ("name_zh", "name_en"), ("host_unit", "host_code"), ("stage",)
"""Of each of these at least one has to be there: as a column, and in every row."""
