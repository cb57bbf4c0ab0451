"""What people have to do: officers' visits and checks, and whom to call because no phone was reached."""
