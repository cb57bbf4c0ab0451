"""Who a person is: what departments reported → three timelines → what is new."""
