// One browser and one host at a time: test machines have two cores, and the page needs them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
