using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// One process appends to a partitioned queue. Three members of a group, in other processes, share the partitions, and commit their
/// progress with the batches that they append to an output. After crashes and power cuts each message has its result once and in the order
/// of its partition. The device is healthy; <see cref="ConsumeScenario"/> covers device failures.
/// </summary>
internal sealed class GroupScenario : Scenario
{
    private const int SegmentBytes = 64 << 10;
    private const int Partitions = 4;
    private const int Members = 3;
    private const int Keys = 16;
    private const int MostMessages = 5;
    private const int ResultBytes = 2 * sizeof(int);

    private readonly GroupParty _producer;
    private readonly GroupParty[] _members;
    private int _next;
    private bool _wasCut;

    public GroupScenario(Simulation run)
        : base(run)
    {
        _producer = new GroupParty(Process, new SimulatedScheduler(Machine));
        _members = [.. Enumerable.Range(0, Members).Select(_ => new GroupParty(Machine.Start(), new SimulatedScheduler(Machine)))];
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 20, () => Append(1, Durability.PageCache)),
        new Step("append durably", 5, () => Append(1, Durability.Every)),
        new Step("append many", 5, () => Append(1 + Random.Below(40), Durability.PageCache)),
        new Step("read and commit", 40, () => Work(Random.Pick(_members), isKept: true)),
        new Step("read and give up", 5, () => Work(Random.Pick(_members), isKept: false)),
        new Step("leave the group", 4, () => Leave(Random.Pick(_members))),
        new Step("close and open", 2, () => CloseAndOpen(Random.Pick(_members))),
        new Step("work of the queues in the background", 4, () => Random.Pick(_members).Background.RunOne()),
        new Step("kill a member", 3, () => Machine.End(Random.Pick(_members).Process, Death.Kill)),
        new Step("kill a member soon", 8, () => Machine.Arm(Random.Pick(_members).Process, Death.Kill, Random.Below(60))),
    ];

    private IEnumerable<GroupParty> Parties => [_producer, .. _members];

    protected override void Begin()
    {
        OpenProducer();
        foreach (GroupParty member in _members)
        {
            OpenMember(member);
        }
    }

    protected override void Recover(Death death)
    {
        _wasCut |= death == Death.PowerCut;
        SimulatedProcess? started = Process;
        foreach (GroupParty dead in Parties.Where(party => party.Process.IsDead))
        {
            dead.Forget(started ?? Machine.Start(), new SimulatedScheduler(Machine));
            started = null;
        }

        // Processes that append come first: they reclaim what dead processes left.
        OpenProducer();
        foreach (GroupParty member in _members)
        {
            OpenMember(member);
        }

        _ = Results();
    }

    protected override void End()
    {
        MakeHealthy();

        // Members notice after 50 ms who is there, and hand over partitions in one round that others take in the next.
        for (int idle = 0; idle < 4 * Members; idle++)
        {
            foreach (GroupParty member in _members)
            {
                Machine.Clock.Pass(60_000_000);
                while (Work(member, isKept: true))
                {
                    idle = 0;
                }
            }
        }

        Check.That(_members.Sum(member => member.Member!.Partitions.Count) == Partitions, "a partition has no reader");
        HashSet<int>[] results = Results();
        for (int partition = 0; partition < Partitions; partition++)
        {
            HashSet<int> source = [.. Ids(_producer.Source!.Partition(partition))];
            Check.That(source.IsSubsetOf(results[partition]), $"partition {partition} has messages without a result");
            Check.That(_wasCut || results[partition].IsSubsetOf(source), $"partition {partition} has results without a message");
        }

        Check.That(_producer.Source!.PartitionCount == Partitions && _members[0].Output!.Verify().IsWhole, "the output is damaged");
        foreach (GroupParty party in Parties)
        {
            party.Close();
        }
    }

    private void MakeHealthy() => (Machine.FailureChance, Machine.CapacityBytes) = (default, long.MaxValue);

    private QueueOptions Options(GroupParty party) => new()
    {
        SegmentBytes = SegmentBytes,
        Storage = party.Process,
        Clock = Machine.Clock,
        Background = party.Background,
    };

    private void OpenProducer()
    {
        _producer.Source ??= PartitionedQueue.Open("/source", Partitions, Options(_producer));
        _producer.Producer ??= _producer.Source.CreateAppender(AppenderMode.Exclusive);
        Machine.ThrowIfDying();
    }

    private void OpenMember(GroupParty party)
    {
        party.Source ??= PartitionedQueue.Open("/source", Partitions, Options(party));
        party.Output ??= EstreamQueue.Open("/output", Options(party));
        party.Appender ??= party.Output.CreateAppender();
        party.Member ??= party.Source.JoinGroup("group", party.Output);
        Machine.ThrowIfDying();
    }

    private void Append(int messages, Durability durability)
    {
        MakeHealthy();
        for (int i = 0; i < messages; i++)
        {
            int id = _next++;
            int partition = _producer.Source!.PartitionOf(BitConverter.GetBytes(id % Keys));
            _ = _producer.Producer!.Of(partition).Append(BitConverter.GetBytes(id), durability);
            Machine.ThrowIfDying();
        }
    }

    private bool Work(GroupParty party, bool isKept)
    {
        MakeHealthy();
        OpenMember(party);
        if (!party.Member!.TryNext(out int partition, out QueueTailer? tailer))
        {
            Machine.ThrowIfDying();
            return false;
        }

        int count = 1 + Random.Below(MostMessages);
        Span<byte> result = stackalloc byte[ResultBytes];
        using BatchClaim batch = party.Appender!.ClaimBatch(count * ResultBytes, count, tailer);
        while (batch.Count < count && tailer.TryRead(out QueueMessage message))
        {
            BitConverter.TryWriteBytes(result, partition);
            message.Payload.CopyTo(result[sizeof(int)..]);
            batch.Append(result);
        }

        if (isKept)
        {
            batch.Commit(Random.Pick(Durability.PageCache, Durability.PageCache, Durability.Every));
        }

        Machine.ThrowIfDying();
        return isKept;
    }

    private void Leave(GroupParty party)
    {
        MakeHealthy();
        party.Member?.Dispose();
        party.Member = null;
        Machine.ThrowIfDying();
    }

    private void CloseAndOpen(GroupParty party)
    {
        MakeHealthy();
        party.Close();
        OpenMember(party);
    }

    // Reads the results of each partition, and checks that none is repeated or out of order.
    private HashSet<int>[] Results()
    {
        HashSet<int>[] results = [.. Enumerable.Range(0, Partitions).Select(_ => new HashSet<int>())];
        int[] last = [.. Enumerable.Repeat(-1, Partitions)];
        using QueueTailer tailer = _members[0].Output!.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            int partition = BitConverter.ToInt32(message.Payload), id = BitConverter.ToInt32(message.Payload[sizeof(int)..]);
            Check.That(id > last[partition], $"partition {partition} has the result of message {id} after that of {last[partition]}");
            last[partition] = id;
            results[partition].Add(id);
        }

        return results;
    }

    private static IEnumerable<int> Ids(EstreamQueue queue)
    {
        List<int> ids = [];
        using QueueTailer tailer = queue.CreateTailer();
        while (tailer.TryRead(out QueueMessage message))
        {
            ids.Add(BitConverter.ToInt32(message.Payload));
        }

        return ids;
    }
}
