using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

// Acknowledgements that wait for a quorum, or for a quorum and a flush. A step of the scenario is the replicator, and a map the brokers.
internal sealed partial class DurableScenario
{
    private readonly bool _hasQuorum;
    private readonly SimulatedContext _waits = new();
    private readonly SortedDictionary<long, byte[]> _brokers = [];
    private readonly List<PendingWait> _pending = [];
    private readonly Dictionary<long, bool> _acknowledged = [];
    private QueueQuorum? _quorum;
    private bool _isFenced;

    private IEnumerable<Step> QuorumSteps =>
    [
        new Step("append for a quorum", 10, () => AppendForQuorum(Durability.Quorum)),
        new Step("append for a quorum and a flush", 20, () => AppendForQuorum(Durability.QuorumAndFlush)),
        new Step("the brokers confirm", 20, Confirm),
        new Step("acknowledge", 20, Acknowledge),
        new Step("the brokers confirm, and the power is cut", 2, () => ConfirmAndDie(Death.PowerCut)),
        new Step("the brokers confirm, and the process is killed", 2, () => ConfirmAndDie(Death.Kill)),
        new Step("another host takes over", 1, Fence),
    ];

    private void OpenQuorum()
    {
        if (_hasQuorum)
        {
            _quorum = _queue!.OpenQuorum();
            _isFenced = false;
        }
    }

    private bool HasQuorumFor(long position) => !_hasQuorum || (_quorum!.Position > position && !_isFenced);

    private void AppendForQuorum(Durability durability)
    {
        if (!Ensure())
        {
            return;
        }

        bool wasFenced = _isFenced;
        long position = Append(_queue!, _appender!, durability);
        if (position >= 0)
        {
            Check.That(!wasFenced, "an append for a quorum was taken after another host has taken over");
            TryOrBeRefused(() => _waits.Do(() => _pending.Add(new PendingWait(position, durability == Durability.QuorumAndFlush,
                durability == Durability.Quorum ? _queue!.WaitQuorumAsync(position) : _queue!.WaitDurableAsync(position)))));
        }
    }

    // The brokers store the next messages, and a majority of them confirms.
    private void Confirm()
    {
        if (!Ensure() || _isFenced)
        {
            return;
        }

        Try(() =>
        {
            foreach (AppendedMessage message in DurableModel.ReadAll(_queue!).Where(message => message.Position >= _quorum!.Position))
            {
                if (Random.Chance(0.1))
                {
                    break;
                }

                _brokers[message.Position] = message.Payload;
                _quorum!.AdvanceTo(message.Position + ((16 + message.Payload.Length + 7) & ~7));
            }
        });
    }

    private void ConfirmAndDie(Death death)
    {
        Confirm();
        Machine.End(Process, death);
    }

    private void Acknowledge()
    {
        _waits.RunPosted();
        foreach (PendingWait wait in _pending.Where(wait => wait.Task.IsCompleted).ToArray())
        {
            _pending.Remove(wait);
            try
            {
                wait.Task.GetAwaiter().GetResult();
            }
            catch (Exception failure) when (failure is EstreamStorageException or ObjectDisposedException)
            {
                Run.Note($"  not acknowledged: {wait.Position}");
                continue;
            }

            Check.That(_brokers.ContainsKey(wait.Position), $"message {wait.Position} is acknowledged, and no broker has it");
            Check.That(!wait.IsFlushed || _queue is null || _queue.DurablePosition > wait.Position,
                $"message {wait.Position} is acknowledged as flushed, and the log is durable to {_queue?.DurablePosition}");
            _acknowledged[wait.Position] = wait.IsFlushed;
        }
    }

    private void Fence()
    {
        if (_quorum is not null)
        {
            _isFenced = true;
            _quorum.Fail(new EstreamStorageException("Another host has taken over.", Directory, StorageFailure.Other));
            _waits.RunPosted();

            // A message that was confirmed before waits for its flush alone.
            Check.That(_pending.TrueForAll(wait => wait.Task.IsCompleted || _quorum.Position > wait.Position),
                "a message that no quorum has waits after another host has taken over");
            Acknowledge();
        }
    }

    private void ForgetWaits()
    {
        _pending.Clear();
        _waits.RunPosted();
        _quorum = null;
    }

    // A power cut of this host, or of the site: the log has every message that was acknowledged as flushed. The others are on the brokers,
    // which this host does not read.
    private void CheckAcknowledged(List<AppendedMessage> seen)
    {
        HashSet<long> there = [.. seen.Select(message => message.Position)];
        foreach ((long position, bool isFlushed) in _acknowledged.Where(pair => pair.Key >= _model.KeptFrom && !there.Contains(pair.Key)))
        {
            Check.That(!isFlushed, $"message {position} was acknowledged as flushed, and a power cut has lost it");
            _acknowledged.Remove(position);
        }

        // The next messages at these positions are other messages.
        foreach (long lost in _brokers.Keys.Where(position => position >= _model.KeptFrom && !there.Contains(position)).ToArray())
        {
            _brokers.Remove(lost);
        }
    }

    // A loss of this host: the brokers have every acknowledged message.
    private void CheckBrokers()
    {
        Dictionary<long, AppendedMessage> appended = _model.Messages.ToDictionary(message => message.Position);
        foreach (long position in _acknowledged.Keys)
        {
            Check.That(_brokers.TryGetValue(position, out byte[]? payload) && payload.AsSpan().SequenceEqual(appended[position].Payload),
                $"message {position} was acknowledged, and the brokers do not have it");
        }
    }

    private sealed record PendingWait(long Position, bool IsFlushed, ValueTask Task);
}
