using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>A node that is bound to code, and where that writes. One thread.</summary>
internal sealed class BoundNode(CircuitNode node, CircuitFunction function, PipelineContext opening, Rejects rejects)
{
    private readonly byte[] _room = opening.NewBuffer(opening.MaxBytes);
    // What code says, or an exception of it, may have what is in the message: that is for its dead letter alone.
    private readonly string _rejected = $"the code of the node '{node.Id}' rejected it";
    private readonly string _failed = $"the code of the node '{node.Id}' failed";
    private readonly string _noMessage = $"the code of the node '{node.Id}' has made no message of {node.Makes}";

    /// <summary>Has the code say what becomes of a message.</summary>
    /// <returns>False when nothing does: it was dropped or rejected.</returns>
    public bool TryCall(ReadOnlySpan<byte> message, scoped in QueueMessage origin, out ReadOnlySpan<byte> made)
    {
        made = default;
        NodeCall call = new(message, node.Takes, node.Makes, in origin, _room);
        string? reason, shown = _rejected;
        try
        {
            function(ref call);
            reason = call.Reason;
        }
        catch (Exception e) when (e is not EstreamException and not OperationCanceledException)
        {
            // Whatever was wrong with it is so the next time as well: it must not hold up those behind it. An exception may say what was
            // private in it.
            (reason, shown) = ($"{_failed}: {(node.Takes.IsProtected || node.Makes.IsProtected ? e.GetType().Name : e.Message)}", _failed);
        }

        if (reason is null && !call.HasOutput)
        {
            return false;
        }

        // A message that was passed was looked at where it was made.
        if (reason is null && call.IsMade && !IsOne(call.Output))
        {
            reason = shown = _noMessage;
        }

        if (reason is not null)
        {
            rejects.Take(reason, in origin, shown);
            return false;
        }

        made = call.Output;
        return true;
    }

    // Of this very version: what is made here is not of an earlier one.
    private bool IsOne(ReadOnlySpan<byte> made) => EsfMessageHeader.TryRead(made, out EsfMessageHeader header)
        && header.SchemaId == node.Makes.Id && EsfValidator.Check(node.Makes, made).IsOk;

    /// <summary>What is private lies in clear here, and no longer than it has to.</summary>
    public void Forget()
    {
        if (node.Makes.IsProtected)
        {
            Array.Clear(_room);
        }
    }
}
