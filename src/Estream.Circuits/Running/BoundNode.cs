using Estream.Core;
using Estream.Esf;
using Estream.Queue;
using Estream.Streams.Pipelines.Running;

namespace Estream.Circuits.Running;

/// <summary>Runs a node that is bound to code, with its output buffer. One thread.</summary>
internal sealed class BoundNode(CircuitNode node, CircuitFunction function, PipelineContext opening, Rejects rejects)
{
    private readonly byte[] _room = opening.NewBuffer(opening.MaxBytes);
    // These texts omit reasons and exceptions of the code, which may contain content of the message. Only its dead letter has them.
    private readonly string _rejected = $"the code of the node '{node.Id}' rejected the message";
    private readonly string _failed = $"the code of the node '{node.Id}' failed";
    private readonly string _noMessage = $"the code of the node '{node.Id}' did not write a valid {node.Makes}";

    /// <summary>Calls the code for a message.</summary>
    /// <returns>False if the message was dropped or rejected.</returns>
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
            // The error would recur on every retry, so the message is rejected and must not block later messages. An exception text may
            // contain private content of the message.
            (reason, shown) = ($"{_failed}: {(node.Takes.IsProtected || node.Makes.IsProtected ? e.GetType().Name : e.Message)}", _failed);
        }

        if (reason is null && !call.HasOutput)
        {
            return false;
        }

        // A message that the code passed on unchanged was validated when it was written.
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

    // Requires exactly this schema version: the code of a node never writes an earlier version.
    private bool IsOne(ReadOnlySpan<byte> made) => EsfMessageHeader.TryRead(made, out EsfMessageHeader header)
        && header.SchemaId == node.Makes.Id && EsfValidator.Check(node.Makes, made).IsOk;

    /// <summary>Clears the plaintext of private fields as soon as it is no longer needed.</summary>
    public void Forget()
    {
        if (node.Makes.IsProtected)
        {
            Array.Clear(_room);
        }
    }
}
