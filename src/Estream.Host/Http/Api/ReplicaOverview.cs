namespace Estream.Host.Http;

/// <summary>
/// A replica of the section <c>Replicas</c>. <paramref name="Source"/> is the kind and name of the source, <paramref name="State"/> is
/// <c>running</c> or <c>failing</c>, with the reason in <paramref name="Detail"/>. <paramref name="CopiedTotal"/> counts the messages
/// copied since the start of the host, <paramref name="LagMessages"/> the messages of a queue that the replica does not have yet.
/// </summary>
internal sealed record ReplicaOverview(string Name, string Source, string Folder, string State, string Detail, long CopiedTotal,
    long LagMessages)
{
    public const string Running = "running";

    public const string Failing = "failing";
}

/// <summary>A replica; see <see cref="ReplicaOverview"/>.</summary>
internal sealed record ReplicaHealth(string Name, string State, string Detail)
{
    public static ReplicaHealth Of(ReplicaOverview one) => new(one.Name, one.State, one.Detail);
}
