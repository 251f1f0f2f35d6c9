namespace Estream.Host.Runtime;

/// <summary>Where things lie below the data directory. The command line tool resolves names the same way.</summary>
internal sealed record DataLayout(string Root)
{
    public string Queue(string name) => Path.Combine(Root, "queues", name);

    /// <summary>The state of a declared pipeline.</summary>
    public string Pipeline(string name) => Path.Combine(Root, "pipelines", name);

    public string Map(string name) => Path.Combine(Root, "maps", name);

    /// <summary>The file in which a named reader of a queue keeps its place.</summary>
    public string Reader(string queue, string reader) => Path.Combine(Queue(queue), "tailers", reader + ".cursor");

    /// <summary>What an adapter keeps for itself.</summary>
    public string Adapter(string name) => Path.Combine(Root, "adapters", name);

    /// <summary>What circuits have used.</summary>
    public string Usage => Path.Combine(Root, "usage");

    public string Schemas => Path.Combine(Root, "schemas");
}
