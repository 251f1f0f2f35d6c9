using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>
/// Appends messages of numbered content (<see cref="SeededBytes"/>) in every possible way. Reports position, sequence number, time, length
/// and content number of each message, and position and message count of each batch. Counts the sequence numbers itself instead of asking
/// the queue.
/// </summary>
internal sealed class ReportingWriter(SteppingClock clock, bool isShared, Action<string> report)
{
    private const int FrameHeaderBytes = 16;
    private const int FrameAlignment = 8;

    /// <summary>The content number of the next message.</summary>
    public long Number { get; private set; }

    /// <summary>The next sequence number.</summary>
    public long Sequence { get; set; }

    /// <summary>Appends one or more messages, in a way that depends on the content number.</summary>
    public void Next(QueueAppender appender)
    {
        clock.Step(Number);
        switch (Number % 9)
        {
            case 2:
                Abort(appender);
                Append(appender);
                break;
            case 4:
                Claim(appender);
                break;
            case 6:
                AbortBatch(appender);
                Batch(appender, spare: 2);
                break;
            case 8:
                Batch(appender, spare: 0);
                break;
            default:
                Append(appender);
                break;
        }
    }

    /// <summary>Claims with one appender, appends with another, and then commits the claim.</summary>
    public void NextOutOfOrder(QueueAppender first, QueueAppender second)
    {
        clock.Step(Number);
        (long number, long sequence) = (Number++, Sequence++);
        byte[] payload = SeededBytes.Of(number);
        using AppendClaim claim = first.Claim(payload.Length + 30);
        Append(second);
        payload.CopyTo(claim.Span);
        claim.Commit(payload.Length);
        Report(claim.Position, sequence, payload.Length, number);
    }

    private void Append(QueueAppender appender)
    {
        byte[] payload = SeededBytes.Of(Number);
        Report(appender.Append(payload), Sequence++, payload.Length, Number++);
    }

    private void Claim(QueueAppender appender)
    {
        byte[] payload = SeededBytes.Of(Number);
        using AppendClaim claim = appender.Claim(payload.Length + 40);
        claim.Span.Fill(0x5A);
        payload.CopyTo(claim.Span);
        claim.Commit(payload.Length);
        Report(claim.Position, Sequence++, payload.Length, Number++);
    }

    private void Batch(QueueAppender appender, int spare)
    {
        byte[][] payloads = [.. Enumerable.Range(0, 2 + (int)(Number % 4)).Select(i => SeededBytes.Of(Number + i))];
        using BatchClaim batch = appender.ClaimBatch(payloads.Sum(payload => payload.Length) + (20 * spare), payloads.Length + spare);
        foreach (byte[] payload in payloads)
        {
            batch.Append(payload);
        }

        batch.Commit();
        report($"batch {batch.Position} {payloads.Length}");
        long position = batch.Position;
        foreach (byte[] payload in payloads)
        {
            Report(position, Sequence++, payload.Length, Number++);
            position += (FrameHeaderBytes + payload.Length + FrameAlignment - 1) & -FrameAlignment;
        }

        // A claim reserves its sequence numbers; unused ones are skipped.
        Sequence += isShared ? spare : 0;
    }

    private void Abort(QueueAppender appender)
    {
        using AppendClaim aborted = appender.Claim(300);
        aborted.Span.Fill(0xA5);
        Sequence += isShared ? 1 : 0;
    }

    private void AbortBatch(QueueAppender appender)
    {
        using BatchClaim aborted = appender.ClaimBatch(300, 3);
        aborted.Append("never shown"u8);
        aborted.Append("nor this"u8);
        Sequence += isShared ? 3 : 0;
    }

    private void Report(long position, long sequence, int length, long number) =>
        report($"message {position} {sequence} {clock.Now} {length} {number}");
}
