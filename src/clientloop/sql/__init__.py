"""What stores on SQL databases share: tables, statements, the renderer of conditions and plans, migrations.

Loads SQLAlchemy, so nothing imports this layer before a store is opened.
"""
