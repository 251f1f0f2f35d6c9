using Estream.Queue;
using Estream.Testing;
using Estream.Witness.Tests.Support;

namespace Estream.Witness.Tests;

/// <summary>Tests that verification never accepts a rewritten history. The attacker recreates the queue's files, with changes at any
/// position of several segments, including the ends of segments.</summary>
public sealed class RandomTamperTests : WitnessCase
{
    private const int Messages = 4_000;
    private const int Bound = 250;
    private const int SegmentBytes = 64 << 10;
    private const int FrameBytes = 16;
    private const int ChecksumAt = 4;
    private const int NumberAt = 8;

    private readonly List<(long Time, byte[] Payload)> _messages = [];
    private readonly List<long> _positions = [];

    // The first and the last messages of segments and of attestations.
    private readonly List<int> _ends = [];
    private readonly long _begin;

    public RandomTamperTests()
    {
        _begin = Clock.UtcNanos;
        using EstreamQueue queue = OpenLog("original");

        // The file contains the queue's id, with which a recreated log passes for the original log.
        File.Copy(Path.Combine(Beside("original"), "queue.meta"), Beside("meta"));
        Random random = new(1);
        using (QueueAppender appender = queue.CreateAppender(AppenderMode.Exclusive))
        {
            for (int at = 0; at < Messages; at++)
            {
                Clock.Pass(TimeSpan.FromMilliseconds(at % 10 == 9 ? 1 : 0));
                appender.Append([.. BitConverter.GetBytes(at), .. RandomBytes(random)]);
            }
        }

        using (QueueWitness witness = QueueWitness.Open(queue, Attestations, Key, Bounded(Bound)))
        {
            witness.RunToEnd();
        }

        Read(queue);
    }

    [Fact]
    public void A_log_recreated_without_changes_is_whole()
    {
        WitnessVerification found = VerifyForged(_messages, _ => { });
        Assert.True(found is { IsWhole: true, Messages: Messages, Attestations: Messages / Bound, Unattested: 0 }, found.ToString());
        Assert.True(_positions[^1] >= 4 * SegmentBytes, $"The last message is at {_positions[^1]}: there are too few segments.");
    }

    [Fact]
    public void A_rewritten_log_is_never_whole()
    {
        for (int seed = 0; seed < LongRun.Count(200, 5_000); seed++)
        {
            Random random = new(seed);
            List<(long Time, byte[] Payload)> messages = [.. _messages];
            int place = Place(random);
            int first = place;
            string what = $"seed {seed}: ";
            switch (seed % 4)
            {
                case 0:
                    (int at, int bit) = Bit(random, place);
                    what += $"bit {bit} of byte {at} of message {place} is another one";
                    RequireNoticed(VerifyForged(messages, directory => Flip(directory, place, at, bit)), first, what);
                    continue;
                case 1:
                    messages.RemoveAt(place);
                    what += $"message {place} is removed";
                    break;
                case 2:
                    messages.Insert(place, (messages[place].Time, RandomBytes(random)));
                    what += $"a message is put before {place}";
                    break;
                default:
                    int other = (place + 1 + random.Next(Messages - 1)) % Messages;
                    (messages[place], messages[other]) =
                        ((messages[place].Time, messages[other].Payload), (messages[other].Time, messages[place].Payload));
                    first = Math.Min(place, other);
                    what += $"messages {place} and {other} are exchanged";
                    break;
            }

            RequireNoticed(VerifyForged(messages, _ => { }), first, what);
        }
    }

    // No attestation that covers the first changed message may count as valid.
    private static void RequireNoticed(WitnessVerification found, int first, string what) =>
        Assert.True(!found.IsWhole && !found.IsWholeButGivenUp && found.Attestations <= first / Bound, $"{what}: {found}");

    private static byte[] RandomBytes(Random random)
    {
        byte[] bytes = new byte[random.Next(120)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void Flip(string path, int at, int bit)
    {
        byte[] file = File.ReadAllBytes(path);
        file[at] ^= (byte)(1 << bit);
        File.WriteAllBytes(path, file);
    }

    private void Flip(string directory, int message, int at, int bit) =>
        Flip(Path.Combine(directory, $"{_positions[message] / SegmentBytes:D12}.seg"), (int)(_positions[message] % SegmentBytes) + at, bit);

    // Returns any bit of a message's frame except bits without meaning: the checksum, which these segments do not use, and the flag that
    // a batch continues.
    private (int At, int Bit) Bit(Random random, int message)
    {
        int at = random.Next(FrameBytes - (NumberAt - ChecksumAt) + _messages[message].Payload.Length);
        at += at >= ChecksumAt ? NumberAt - ChecksumAt : 0;
        return (at, random.Next(at == NumberAt + 3 ? 7 : 8));
    }

    private int Place(Random random) => random.Next(2) == 0 ? random.Next(Messages) : _ends[random.Next(_ends.Count)];

    private EstreamQueue OpenLog(string name) => EstreamQueue.Open(Beside(name), Options with { SegmentBytes = SegmentBytes });

    private void Read(EstreamQueue queue)
    {
        using QueueTailer tailer = queue.CreateTailer();
        for (int at = 0; tailer.TryRead(out QueueMessage message); at++)
        {
            _messages.Add((message.Time, message.Payload.ToArray()));
            _positions.Add(message.Position);
            bool isNewSegment = at > 0 && message.Position / SegmentBytes != _positions[at - 1] / SegmentBytes;
            if (isNewSegment || (at > 0 && at % Bound == 0))
            {
                _ends.AddRange([at - 1, at]);
            }
        }

        _ends.AddRange([0, Messages - 1]);
    }

    private WitnessVerification VerifyForged(List<(long Time, byte[] Payload)> messages, Action<string> change)
    {
        string directory = Beside("forged");
        Directory.CreateDirectory(directory);
        File.Copy(Beside("meta"), Path.Combine(directory, "queue.meta"));
        Clock.UtcNanos = _begin;
        using (EstreamQueue forged = OpenLog("forged"))
        using (QueueAppender appender = forged.CreateAppender(AppenderMode.Exclusive))
        {
            foreach ((long time, byte[] payload) in messages)
            {
                Clock.UtcNanos = time;
                appender.Append(payload);
            }
        }

        change(directory);
        WitnessVerification found;
        using (EstreamQueue queue = EstreamQueue.OpenReadOnly(directory, Options))
        {
            found = WitnessVerifier.Verify(queue, Attestations, Key.PublicKey);
        }

        Directory.Delete(directory, recursive: true);
        return found;
    }
}
