using Estream.Wire.Dnp3.Codec;
using Estream.Wire.Dnp3.Commands;

namespace Estream.Wire.Dnp3.Session;

/// <summary>Requests of two steps: select before operate (IEEE 1815, 4.4.4), and time synchronization (10.3).</summary>
internal sealed partial class MasterSession
{
    private long _sentAt;
    private long _sentAtUtcMs;
    private long _recordedUtcMs;
    private long _delayMs;

    private void FinishCommand(SessionStep step, ReadOnlySpan<byte> objects, Indications indications)
    {
        PendingCommand command = _command!;
        Indications refusal = indications & Indications.Refused;
        if (!CommandObject.TryRead(objects, out CommandObject echo))
        {
            EndCommand(step == SessionStep.Select || refusal != 0 ? SessionStep.Select : step,
                refusal != 0 ? $"the outstation refused the request ({refusal})" : "the response does not repeat the command",
                refusal != 0 ? CommandOutcome.Refused : null);
            return;
        }

        if (echo.Status != CommandStatus.Success)
        {
            _command = null;
            command.Complete(new CommandEnd(CommandOutcome.Refused, echo.Status, CommandStatus.Describe(echo.Status)));
            return;
        }

        if (!echo.Equals(command.Command))
        {
            EndCommand(step, "the response repeats another command");
            return;
        }

        if (step == SessionStep.Select)
        {
            IsContinuing = true;
            return;
        }

        _command = null;
        command.Complete(new CommandEnd(CommandOutcome.Success, echo.Status, ""));

        // The outstation reports the new state as an event.
        _dueClasses |= Dnp3Classes.Events & ~Options.Unsolicited;
    }

    /// <summary>Ends the command under way. After a select nothing was performed; after an operate the outcome is unknown.</summary>
    private void EndCommand(SessionStep step, string reason, CommandOutcome? outcome = null)
    {
        if (_command is not { } command)
        {
            return;
        }

        _command = null;
        bool isSent = step is SessionStep.Operate or SessionStep.DirectOperate;
        command.Complete(new CommandEnd(outcome ?? (isSent ? CommandOutcome.Unknown : CommandOutcome.NotSent), null, reason));
    }

    private int WriteTime(Span<byte> destination) => Options.TimeSync == Dnp3TimeSync.Lan
        ? RequestWriter.Time(3, _recordedUtcMs, destination)
        : RequestWriter.Time(1, (_clock.UtcNanos / NanosPerMilli) + _delayMs, destination);

    private void ContinueTime(SessionStep step, ReadOnlySpan<byte> objects, bool isRefused, long now)
    {
        _recordedUtcMs = _sentAtUtcMs;
        if (step == SessionStep.MeasureDelay)
        {
            int turnaround = RequestWriter.ReadDelay(objects);
            isRefused |= turnaround < 0;
            _delayMs = Math.Max(0, (((now - _sentAt) / NanosPerMilli) - turnaround) / 2);
        }

        IsContinuing = !isRefused;
        _timeIgnoredUntil = isRefused ? now + RepeatNanos : 0;
    }
}
