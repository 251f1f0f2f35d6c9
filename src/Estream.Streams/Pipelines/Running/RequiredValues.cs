using Estream.Esf.Expressions;
using Estream.Esf.Schema;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.Operators;

namespace Estream.Streams.Pipelines.Running;

/// <summary>The purposes of required values.</summary>
internal enum RequiredValueKind
{
    /// <summary>A number to aggregate.</summary>
    Number,

    /// <summary>A key, within the maximum length.</summary>
    Key,

    /// <summary>The time of an event, within the bounds of event times.</summary>
    Time,
}

/// <summary>A value that the operator or the sink of a pipeline requires of each message.</summary>
/// <param name="Value">Computes the value.</param>
/// <param name="Kind">The purpose of the value.</param>
/// <param name="Reason">The reason for which a message without the value is rejected.</param>
/// <param name="Target">The type of the field that receives the key, and must have room for it.</param>
internal sealed record RequiredValue(EsfExpression Value, RequiredValueKind Kind, string Reason, EsfType? Target = null)
{
    /// <summary>Returns the requirement for the time of an event.</summary>
    public static RequiredValue OfTime(EsfExpression time) =>
        new(time, RequiredValueKind.Time, $"the time '{time}' has no value, or one outside of the years 1823 to 2116");

    /// <summary>Returns the requirement for the key of an event.</summary>
    public static RequiredValue OfKey(EsfExpression key) =>
        new(key, RequiredValueKind.Key, $"the key '{key}' has no value, or one longer than {Utf8Key64.MaxLength} bytes");

    /// <summary>Returns the requirement for the key in the map of results.</summary>
    public static RequiredValue OfMapKey(EsfExpression key) => new(key, RequiredValueKind.Key, NoMapKey(key));

    /// <summary>Returns the reason for rejecting a message without a map key.</summary>
    public static string NoMapKey(EsfExpression key) =>
        $"the key '{key}' of the map has no value, or one longer than {Utf8Key64.MaxLength} bytes";

    public bool IsMet(ReadOnlySpan<byte> message) => Kind switch
    {
        RequiredValueKind.Key => KeyText.TryGet(Value, message, out Utf8Key64 key) && (Target is null || KeyText.Fits(in key, Target)),
        RequiredValueKind.Time => Value.TryGetInteger(message, out Int128 time) && EventTime.IsGood(time),
        _ when Value.Kind == EsfValueKind.Number => Value.TryGetNumber(message, out _),
        _ => Value.TryGetInteger(message, out Int128 whole) && whole >= long.MinValue && whole <= long.MaxValue,
    };
}

/// <summary>Rejects messages that are too long or lack a required value, so that the operator and the sink of the pipeline can rely on
/// both.</summary>
internal sealed class RequiredValueStage(IReadOnlyList<RequiredValue> needs, int maxBytes, Rejects rejects, Stage<Record> next)
    : Stage<Record>
{
    private readonly RequiredValue[] _needs = [.. needs];
    private readonly string _tooLong = string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"the message is longer than the {maxBytes} bytes that the pipeline can store");

    public override void Push(scoped in Record item, scoped in QueueMessage message)
    {
        if (item.Message.Length > maxBytes)
        {
            rejects.Take(_tooLong, in message);
            return;
        }

        foreach (RequiredValue need in _needs)
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
