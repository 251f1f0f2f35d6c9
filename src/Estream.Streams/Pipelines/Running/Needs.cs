using Estream.Esf.Expressions;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>Something that the end of a pipeline needs of each message.</summary>
/// <param name="Value">What makes it.</param>
/// <param name="IsKey">Whether it is a key, and has to fit in one.</param>
/// <param name="Reason">What is said of a message that does not have it.</param>
internal sealed record Need(EsfExpression Value, bool IsKey, string Reason)
{
    public bool IsMet(ReadOnlySpan<byte> message) => IsKey ? KeyText.TryGet(Value, message, out _) : Value.Kind switch
    {
        EsfValueKind.Number => Value.TryGetNumber(message, out _),
        _ => Value.TryGetInteger(message, out Int128 whole) && whole >= long.MinValue && whole <= long.MaxValue,
    };
}

/// <summary>Rejects messages that lack something the end of the pipeline needs, so that the end finds all it asks for.</summary>
internal sealed class NeedStage(IReadOnlyList<Need> needs, int maxBytes, Rejects rejects, Stage<Record> next) : Stage<Record>
{
    private readonly Need[] _needs = [.. needs];
    private readonly string _tooLong = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the message is longer than the {maxBytes} bytes that are kept of one there");

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        if (item.Message.Length > maxBytes)
        {
            rejects.Take(_tooLong, in message);
            return;
        }

        foreach (Need need in _needs)
        {
            if (!need.IsMet(item.Message))
            {
                rejects.Take(need.Reason, in message);
                return;
            }
        }

        next.Push(in item, in message);
    }
}
