using Estream.Core;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>Handles the frames of one peer: stores their messages and writes the answers. Does not answer an ACK, a NAK or an
/// admi.002 of the peer. Allocates nothing for valid messages. Not thread-safe.</summary>
/// <param name="peer">The address of the peer, for events.</param>
/// <param name="answers">How messages are answered.</param>
/// <param name="intake">Stores messages; disposed with this object.</param>
/// <param name="counters">The counts of the listener.</param>
/// <param name="events">Receives events, which never contain a value of a message.</param>
/// <param name="clock">The clock of the answers.</param>
internal sealed class FrameHandler(
    string peer, Iso20022Answers answers, DocumentIntake intake, ListenerCounters counters, AdapterEventLog events, IClock clock)
    : IDisposable
{
    private string _peer = peer;
    private bool _isRead;

    /// <summary>Called after each message, with whether it was accepted.</summary>
    public Action<bool> Handled { get; init; } = static _ => { };

    /// <summary>The answers that were not sent yet. Send them after <see cref="WaitDurableAsync"/>.</summary>
    public AnswerWriter Answers { get; } = new(clock);

    /// <summary>Sets what the handshake has shown about the peer.</summary>
    /// <param name="name">The address and name of the peer, for events.</param>
    /// <param name="identity">What the peer may send; null for everything.</param>
    public void Identify(string name, WirePeer? identity)
    {
        _peer = name;
        intake.Identity = identity;
    }

    /// <summary>Stores the message of a frame and adds its answer. If called again with the same frame, continues after the last stored
    /// part.</summary>
    /// <param name="frame">The content of the frame.</param>
    /// <returns>False if a queue cannot be written now.</returns>
    public bool TryHandle(ReadOnlySpan<byte> frame)
    {
        if (PeerAnswer.IsAcknowledgement(frame))
        {
            counters.CountMessage(frame.Length, isAccepted: true);
            Handled(true);
            return true;
        }

        if (!_isRead)
        {
            intake.Read(frame);
            _isRead = true;
        }

        bool isAnswer = intake.Definition is null && PeerAnswer.IsReject(frame);
        if (!isAnswer && !intake.TryStore())
        {
            return false;
        }

        _isRead = false;
        counters.CountMessage(frame.Length, isAnswer || intake.Status.IsOk);
        Handled(isAnswer || intake.Status.IsOk);
        if (!isAnswer)
        {
            Answer();
        }

        return true;
    }

    /// <summary>Adds the answer to a frame that cannot be read.</summary>
    /// <param name="reason">The kind of the error.</param>
    /// <param name="text">The error.</param>
    public void Refuse(string reason, string text)
    {
        counters.Refuse(text, peer: _peer);
        events.Report(AdapterEventKind.ProtocolViolation, $"{_peer} was disconnected: {text}.");
        Reject(default, reason, text);
    }

    /// <summary>Completes when the handled messages are as durable as their queues promise.</summary>
    /// <exception cref="EstreamStorageException">A flush failed: send no answers.</exception>
    public ValueTask WaitDurableAsync(CancellationToken cancellation) => intake.WaitDurableAsync(cancellation);

    /// <inheritdoc/>
    public void Dispose() => intake.Dispose();

    private void Answer()
    {
        if (!intake.Status.IsOk)
        {
            string why = intake.Status.Describe(default);
            events.Report(AdapterEventKind.ProtocolViolation, $"A message from {_peer} was rejected: {why}.");
            Reject(intake.MessageId, intake.Reason, why);
        }
        else if (answers == Iso20022Answers.Frames)
        {
            Answers.Acknowledge();
        }
        else if (intake.Definition!.StartsWith("pacs.008.", StringComparison.Ordinal))
        {
            Answers.Receive(intake.MessageId, intake.Definition);
        }
    }

    private void Reject(ReadOnlySpan<byte> messageId, string reason, string text)
    {
        if (answers == Iso20022Answers.Frames)
        {
            Answers.Refuse($"{reason}: {text}");
        }
        else
        {
            Answers.Reject(messageId, reason, text);
        }
    }
}
