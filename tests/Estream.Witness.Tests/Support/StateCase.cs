using Estream.Core;
using Estream.Queue;

namespace Estream.Witness.Tests.Support;

/// <summary>A queue that is the change feed of a map, and the content of the map after each message.</summary>
public abstract class StateCase : WitnessCase
{
    private readonly Random _random = new(5);

    /// <summary>The root of the state after each message, computed by the definition.</summary>
    internal List<byte[]> Roots { get; } = [];

    internal NaiveState Naive { get; } = new();

    protected WitnessOptions Stateful(int messages = 65_536) => Bounded(messages) with { IsChangeFeed = true };

    /// <summary>Appends random events of up to 200 keys, and sometimes a message that is not an event.</summary>
    protected void AppendEvents(int count)
    {
        for (int at = 0; at < count; at++)
        {
            byte[] key = NaiveState.Key(_random.Next(200));
            byte[] value = new byte[_random.Next(30)];
            _random.NextBytes(value);
            AppendMessage(_random.Next(100) switch
            {
                < 70 => NaiveState.Put(key, value, _random.Next(3), _random.Next(3)),
                < 85 => NaiveState.Event(MapChangeKind.Remove, key),
                < 98 => NaiveState.Event(MapChangeKind.Expire, key),
                _ => Payload(at),
            });
        }
    }

    protected void AppendMessage(byte[] message)
    {
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        appender.Append(message);
        Naive.Apply(message);
        Roots.Add(Naive.Root());
    }

    /// <summary>Returns all attestations.</summary>
    protected List<Attestation> AllAttested() => [.. Entries().Select(entry => entry.Attestation)];

    /// <summary>Creates a witness queue with a signed attestation of a different state.</summary>
    protected EstreamQueue WithOtherState(int which)
    {
        EstreamQueue other = EstreamQueue.Open(Beside("other.witness"), Options);
        using QueueAppender appender = other.CreateAppender(AppenderMode.Exclusive);
        List<WitnessEntry> entries = Entries();
        for (int at = 0; at < entries.Count; at++)
        {
            byte[] entry = [.. entries[at].Encoded];
            if (at == which)
            {
                Attestation attested = entries[at].Attestation;
                byte[] state = [.. attested.StateRoot];
                state[^1] ^= 1;
                Attestation.Sign(attested.Head, attested.Root, state, Key).Encoded.CopyTo(entry.AsSpan(32));
            }

            appender.Append(entry);
        }

        return other;
    }
}
