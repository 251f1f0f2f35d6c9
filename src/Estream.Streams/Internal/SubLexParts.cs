using Estream.Esf;
using Estream.Queue;

namespace Estream.Streams.Internal;

/// <summary>
/// Holds the sub-lex values of sealed messages until they are appended to the queues of the sub-lexes. They are appended before the
/// messages, so a crash in between leaves values without their message, but never a message without its values.
/// </summary>
internal sealed class SubLexParts
{
    private readonly EsfSchema _schema;
    private readonly (string Name, QueueAppender Appender)[] _queues;
    private readonly List<(QueueAppender Appender, int Length)> _parts = [];
    private byte[] _sealed = [];
    private byte[] _bytes = [];
    private int _used;

    private SubLexParts(EsfSchema schema, (string, QueueAppender)[] queues)
    {
        _schema = schema;
        _queues = queues;
    }

    /// <summary>Returns the holder of sub-lex values for a schema's messages; null if the schema has no sub-lexes.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="appenders">The appender of each sub-lex.</param>
    /// <param name="main">The appender of the messages, which no sub-lex may use; null if there is none to compare.</param>
    /// <exception cref="ArgumentException">A sub-lex has no appender, or an appender has an unknown sub-lex name.</exception>
    public static SubLexParts? For(EsfSchema schema, IReadOnlyDictionary<string, QueueAppender>? appenders, QueueAppender? main = null)
    {
        foreach (string name in schema.SubLexes)
        {
            if (appenders is null || !appenders.TryGetValue(name, out QueueAppender? appender))
            {
                throw new ArgumentException(
                    $"{schema} keeps private fields in the sub-lex '{name}', but no queue is given for it, so they would be lost. Pass "
                    + $"the appender of a queue for each of {string.Join(", ", schema.SubLexes)}.", nameof(appenders));
            }

            if (appender is null || appender == main)
            {
                throw new ArgumentException(
                    $"The sub-lex '{name}' of {schema} needs a queue apart from the messages. Pass another appender.",
                    nameof(appenders));
            }
        }

        return appenders?.Keys.FirstOrDefault(name => !schema.SubLexes.Contains(name, StringComparer.Ordinal)) is { } stranger
            ? throw new ArgumentException(
                $"{schema} has no sub-lex '{stranger}'. Its sub-lexes: {string.Join(", ", schema.SubLexes.DefaultIfEmpty("none"))}.",
                nameof(appenders))
            : schema.SubLexes.Count == 0 ? null
            : new SubLexParts(schema, [.. schema.SubLexes.Select(name => (name, appenders![name]))]);
    }

    /// <summary>Returns the buffer in which a message is sealed before it is split.</summary>
    public Span<byte> Sealed(int length)
    {
        if (_sealed.Length < length)
        {
            _sealed = new byte[length];
        }

        return _sealed.AsSpan(0, length);
    }

    /// <summary>Splits a sealed message.</summary>
    /// <param name="length">The length of the sealed message.</param>
    /// <param name="main">Receives the main part.</param>
    /// <returns>The length of the main part.</returns>
    public int Split(int length, Span<byte> main)
    {
        ReadOnlySpan<byte> message = _sealed.AsSpan(0, length);
        foreach ((string name, QueueAppender appender) in _queues)
        {
            if (_bytes.Length - _used < length)
            {
                Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _used + length));
            }

            Check(EsfSubLex.Split(_schema, message, name, _bytes.AsSpan(_used), out int written));
            if (written > 0)
            {
                _parts.Add((appender, written));
                _used += written;
            }
        }

        Check(EsfSubLex.Split(_schema, message, null, main, out int mainLength));
        return mainLength;
    }

    /// <summary>Appends the held values, in the order of the messages.</summary>
    /// <exception cref="ArgumentException">A value does not fit in the queue of its sub-lex.</exception>
    /// <exception cref="Core.EstreamStorageException">A queue cannot be written. Values that were already appended stay in their queues,
    /// and are appended again with the messages.</exception>
    public void Append()
    {
        int from = 0;
        foreach ((QueueAppender appender, int length) in _parts)
        {
            using AppendClaim claim = appender.Claim(length);
            _bytes.AsSpan(from, length).CopyTo(claim.Span);
            claim.Commit(length);
            from += length;
        }

        Forget();
    }

    /// <summary>Discards the held values.</summary>
    public void Forget()
    {
        _parts.Clear();
        _used = 0;
    }

    private void Check(EsfStatus status)
    {
        if (!status.IsOk)
        {
            throw new ArgumentException($"The message of {_schema} cannot be split by its sub-lexes: {status}");
        }
    }
}
