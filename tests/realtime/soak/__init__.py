"""Many messages through real HTTP to a receiver that misbehaves: nothing may be lost."""
