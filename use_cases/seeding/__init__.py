"""What every Luodi of Jinhua begins with: its places, teams, posts and rules."""
