namespace Estream.Queue;

/// <summary>A consumer group of a partitioned queue at one moment.</summary>
/// <param name="Name">The name of the group. Its position in a partition is that of the tailer <c>group-NAME</c>.</param>
/// <param name="Partitions">The partitions.</param>
public sealed record GroupInfo(string Name, IReadOnlyList<GroupPartitionInfo> Partitions);

/// <summary>A partition of a consumer group.</summary>
/// <param name="Number">The number of the partition.</param>
/// <param name="Epoch">The number of readers that the partition has had in the group, including the present one.</param>
/// <param name="ProcessId">The process that reads the partition, 0 if none.</param>
public sealed record GroupPartitionInfo(int Number, long Epoch, int ProcessId);
