"""The words both sides share: frozen facts about money, parties, orders and ERP documents. No framework."""
