"""What the vendor's clients register, fetch and bring: sources, packs, assets, workers, jobs, documents."""
