// One browser and one host at a time: the machine that runs this has two cores, and they are wanted for the page.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
