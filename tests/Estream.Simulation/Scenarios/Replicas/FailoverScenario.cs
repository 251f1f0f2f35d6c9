using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>
/// Two hosts replicate a queue through brokers and take it over from each other, while their processes and machines crash, their disks
/// fail, are full or are lost, and the power of the whole site is cut. At the end every acknowledged message is in the queue once, and both
/// hosts have the same log. After a power cut of the site, messages acknowledged by a quorum alone may be lost, and messages that were also
/// flushed are on the host that acknowledged them.
/// </summary>
internal sealed class FailoverScenario : Scenario
{
    private const int MaxOperations = 200_000;
    private const int MaxRounds = 400;
    private const int MaxReads = 1_000;
    private const int QuietRounds = 3;
    private const int MostShown = 5;

    private readonly SimulatedBrokers _brokers;
    private readonly ReplicaHost[] _hosts;
    private readonly List<Acknowledged> _acknowledged = [];

    // The page on durability covers one of these two failures at a time.
    private readonly bool _hasSiteCuts;
    private int _siteCuts;
    private long _ids;

    public FailoverScenario(Simulation run)
        : base(run)
    {
        _brokers = new SimulatedBrokers(Random);
        _hosts =
        [
            new ReplicaHost("A", Machine, _brokers, run.Note),
            new ReplicaHost("B", new SimulatedMachine(run.Arena, new SeededRandom(~run.Seed)), _brokers, run.Note),
        ];
        _hasSiteCuts = Random.Chance(0.5);
        Array.ForEach(_hosts, host => host.Machine.OperationLimit = MaxOperations);
    }

    protected override IEnumerable<Step> Steps =>
    [
        new Step("append", 30, Append),
        new Step("send", 30, () => Repeat(AnyHost(), host => host.Send())),
        new Step("the brokers store", 30, _brokers.Deliver),
        new Step("read", 40, () => Repeat(AnyHost(), host => host.Read())),
        new Step("acknowledge", 20, () => Acknowledge(AnyHost())),
        new Step("exchange everything", 15, ExchangeAll),
        new Step("the brokers flush", 4, _brokers.Flush),
        new Step("work in the background", 10, () => On(AnyHost(), host => host.Machine.Background.RunOne())),
        new Step("entries are lost on the way", 2, _brokers.LoseSome),
        new Step("connect again", 2, () => On(AnyHost(), host => host.Connect())),
        new Step("take over", 6, () => On(AnyHost(), host => host.TakeOver())),
        new Step("time goes by", 2, () => AnyHost().Machine.Clock.Pass(Random.Below(1_000_000_000))),
    ];

    protected override IEnumerable<Step> FailureSteps =>
    [
        new Step("kill", 3, () => On(AnyHost(), host => host.Machine.End(host.Process, Death.Kill))),
        new Step("kill soon", 3, () => Arm(Death.Kill)),
        new Step("cut the power of a host", 2, () => On(AnyHost(), host => host.CutPower())),
        new Step("cut the power of a host soon", 4, () => Arm(Death.PowerCut)),
        new Step("cut the power of the site", _hasSiteCuts ? 2 : 0, CutSite),
        new Step("the brokers confirm, and the power of the site is cut", _hasSiteCuts ? 2 : 0, ConfirmAndCutSite),
        new Step("a host loses its disk", _hasSiteCuts ? 0 : 1, () => On(AnyHost(), host => host.LoseDisk())),
        new Step("flushes of a host fail", 1, () => AnyHost().Machine.FailureChance = (0.5, 0)),
        new Step("the disk of a host is full", 2, () => Fill(AnyHost().Machine)),
        new Step("the disks are well", 4, MakeHealthy),
        new Step("write some pages back", 2, () => AnyHost().Machine.WriteBackSome(0.5)),
        new Step("the clock of a host jumps", 2, () => AnyHost().Machine.Clock.Jump(
            Random.Pick(-400 * DayNanos, -HourNanos, HourNanos, 10 * DayNanos))),
    ];

    protected override void Begin()
    {
        foreach (ReplicaHost host in _hosts)
        {
            On(host, _ => { });
        }

        Settle(_hosts[0]);
        On(_hosts[0], host => host.Append(++_ids, 10, Durability.QuorumAndFlush));
        Settle(_hosts[0]);
        _brokers.Flush();
    }

    protected override void Recover(Death death)
    {
    }

    protected override void End()
    {
        ReplicaHost last = AnyHost();
        Settle(last);

        // A host that was the owner may have messages that no other host has. The host learns this from the next message.
        for (int count = 0; count < 2; count++)
        {
            ReplicaHost active = _hosts.First(host => host.IsActive);
            On(active, host => host.Append(++_ids, 10, Durability.QuorumAndFlush));
            Settle(last);
        }

        CheckAll();
    }

    private ReplicaHost AnyHost() => _hosts[Random.Below(_hosts.Length)];

    private static void On(ReplicaHost host, Action<ReplicaHost> action) => host.Do(() =>
    {
        host.Start();
        action(host);
    });

    private void Repeat(ReplicaHost host, Action<ReplicaHost> action)
    {
        for (int count = 1 + Random.Below(6); count > 0; count--)
        {
            On(host, action);
        }
    }

    private void Append()
    {
        ReplicaHost host = AnyHost();
        for (int count = 1 + Random.Below(8); count > 0; count--)
        {
            int length = Random.Chance(0.1) ? Random.Below(9_000) : Random.Below(300);
            On(host, active => active.Append(++_ids, length, Random.Pick(Durability.Quorum, Durability.QuorumAndFlush)));
        }
    }

    private void Acknowledge(ReplicaHost host) => On(host, active => active.Acknowledge(
        (id, isFlushed) => _acknowledged.Add(new Acknowledged(id, isFlushed, active, _siteCuts))));

    private void ExchangeAll()
    {
        for (int count = 0; count < 4; count++)
        {
            foreach (ReplicaHost host in _hosts)
            {
                Repeat(host, each => each.Send());
                _brokers.DeliverAll();
                Repeat(host, each => each.Read());
            }
        }
    }

    private void Arm(Death death)
    {
        ReplicaHost host = AnyHost();
        host.Machine.Arm(host.Process, death, Random.Below(25));
    }

    private void CutSite()
    {
        _siteCuts++;
        _brokers.CutPower();
        foreach (ReplicaHost host in _hosts)
        {
            host.Do(host.CutPower);
        }
    }

    private void ConfirmAndCutSite()
    {
        ExchangeAll();
        Array.ForEach(_hosts, Acknowledge);
        CutSite();
    }

    private void Fill(SimulatedMachine machine) => machine.CapacityBytes = machine.UsedBytes + Random.Pick(0, 4096, 100_000);

    private void MakeHealthy() =>
        Array.ForEach(_hosts, host => (host.Machine.FailureChance, host.Machine.CapacityBytes) = (default, long.MaxValue));

    // Everything works, and one host owns the queue.
    private void Settle(ReplicaHost first)
    {
        MakeHealthy();
        for ((int idle, int round) = (0, 0); idle < QuietRounds; round++)
        {
            Check.That(round < MaxRounds, $"the hosts do not settle: {string.Join("; ", _hosts.Select(host => host.State))}");
            bool hasSent = false;
            foreach (ReplicaHost host in _hosts)
            {
                host.Machine.Disarm();
                On(host, each => hasSent |= each.Send());
                _brokers.DeliverAll();
                On(host, ReadAll);
                On(host, each => each.Machine.Background.RunOne());
                Acknowledge(host);
            }

            bool isOwned = _hosts.Count(host => host.IsOwner) == 1 && _hosts.Any(host => host.IsActive);
            idle = !hasSent && isOwned && _hosts.All(host => host.IsSettled) ? idle + 1 : 0;
            Help(first, round);
        }
    }

    private static void ReadAll(ReplicaHost host)
    {
        for (int count = 0; count < MaxReads && host.Read(); count++)
        {
        }
    }

    // If a host cannot take over, because it lacks messages, the other host does. After a power cut of the site both may refuse, because
    // the stream has less than they have read. An operator then resets the host with the longest log.
    private void Help(ReplicaHost first, int round)
    {
        // Entries that were lost on the way, and claims, are sent again in the next session.
        Array.ForEach(round % 10 == 9 ? _hosts : [], host => On(host, each => each.Connect()));
        if (_hosts.Any(host => host.IsOwner))
        {
            return;
        }

        if (round % 40 == 39 && _siteCuts > 0)
        {
            Array.ForEach(_hosts, host => host.Restart());
            ReplicaHost best = _hosts.MaxBy(host => host.Ids(host.Directory).Count)!;
            Run.Note($"  an operator resets {best.Name}");
            best.Do(best.Reset);
            On(best, host => host.TakeOver());
            return;
        }

        On(round / 20 % 2 == 0 ? first : _hosts.First(host => host != first), host => host.TakeOver());
    }

    private void CheckAll()
    {
        Array.ForEach(_hosts, host => Run.Note($"  {host.State}, {host.Directory}"));
        Array.ForEach(_hosts, host => host.Restart());
        List<long> log = _hosts[0].Ids(_hosts[0].Directory);
        List<long> copy = _hosts[1].Ids(_hosts[1].Directory);
        HashSet<long> there = [.. log];
        Check.That(there.Count == log.Count, "a message is in the log twice");
        Check.That(log.SequenceEqual(copy), $"the logs of the hosts differ: {log.Count} and {copy.Count} messages, "
            + $"{string.Join(", ", log.Except(copy).Take(MostShown))} and {string.Join(", ", copy.Except(log).Take(MostShown))} alone");
        foreach (Acknowledged message in _acknowledged.Where(message => !there.Contains(message.Id)))
        {
            bool wasCut = message.SiteCuts < _siteCuts;
            Check.That(wasCut, $"message {message.Id}, acknowledged by {message.Host.Name}, is lost");
            Check.That(
                !message.IsFlushed || message.Host.Directories.Any(directory => message.Host.Ids(directory).Contains(message.Id)),
                $"message {message.Id} was flushed and acknowledged by {message.Host.Name}, and a power cut of the site has lost it");
        }
    }

    private sealed record Acknowledged(long Id, bool IsFlushed, ReplicaHost Host, int SiteCuts);
}
