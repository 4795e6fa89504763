"""Webhooks: received, stored, and passed on to what reads the document. A webhook is a doorbell, not a parcel."""
