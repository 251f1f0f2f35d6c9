using Estream.Esf.Schema.Internal;

namespace Estream.Esf.Schema;

/// <summary>The result of reading a lock: the lock, or the errors in it.</summary>
public sealed class SchemaLockReadResult
{
    internal SchemaLockReadResult(SchemaLock value, IReadOnlyList<SchemaDiagnostic> diagnostics)
    {
        Lock = diagnostics.Count == 0 ? value : null;
        Diagnostics = diagnostics;
    }

    /// <summary>The lock; null if there is any error.</summary>
    public SchemaLock? Lock { get; }

    /// <summary>All errors, in the order of the lock.</summary>
    public IReadOnlyList<SchemaDiagnostic> Diagnostics { get; }
}

/// <summary>
/// Reads <c>.esf.lock</c> files strictly, because a badly edited or merged lock is worse than no lock. Errors are reported with their line
/// and never thrown. Thread-safe; holds no state.
/// </summary>
public static class SchemaLockReader
{
    private const int IdLength = 16;

    /// <summary>Reads the text of a lock. Takes time proportional to its length.</summary>
    /// <param name="text">The content of the lock.</param>
    /// <param name="file">The name of the lock in messages.</param>
    /// <returns>The lock, or all errors in the order of the lines.</returns>
    public static SchemaLockReadResult Read(string text, string file)
    {
        DiagnosticSink sink = new(file);
        if (text.Length > EsfLimits.MaxLockFileChars)
        {
            sink.Report(DiagnosticCodes.Limit, new SourcePosition(1, 1), EvolutionMessages.LockTooLong());
            return new SchemaLockReadResult(SchemaLock.Empty, sink.InOrder());
        }

        LockHistory history = new(sink);
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            bool isLast = i == lines.Length - 1;
            SourcePosition position = new(i + 1, 1);
            if (lines[i].IndexOf('\r') >= 0)
            {
                // Every other line probably has the same error, so only the first line with a carriage return is reported.
                sink.Report(DiagnosticCodes.Lock, position, EvolutionMessages.LockCarriageReturn());
                break;
            }

            if (i == 0 && lines[0] != SchemaLock.Header)
            {
                sink.Report(DiagnosticCodes.Lock, position, EvolutionMessages.LockHeader(SchemaLock.Header));
                break;
            }

            if (isLast && lines[i].Length > 0)
            {
                sink.Report(DiagnosticCodes.Lock, position, EvolutionMessages.LockEnd());
            }
            else if (i > 0 && !isLast && ReadLine(lines[i], position, sink) is MessageSchema version)
            {
                history.Add(version, position);
            }
        }

        return new SchemaLockReadResult(new SchemaLock(history.Schemas), sink.InOrder());
    }

    private static MessageSchema? ReadLine(string line, SourcePosition position, DiagnosticSink sink)
    {
        if (line.Length <= IdLength || line[IdLength] != ' ' || !line.Take(IdLength)
            .All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f')))
        {
            sink.Report(DiagnosticCodes.Lock, position, EvolutionMessages.LockLine(line));
            return null;
        }

        try
        {
            MessageSchema version = CanonicalSchema.Parse(line.Substring(IdLength + 1));
            string written = line.Substring(0, IdLength);
            if (SchemaLock.IdText(version) == written)
            {
                return version;
            }

            sink.Report(DiagnosticCodes.LockId, position, EvolutionMessages.LockId(written, SchemaLock.IdText(version)));
        }
        catch (FormatException e)
        {
            sink.Report(DiagnosticCodes.Lock, new SourcePosition(position.Line, IdLength + 2), EvolutionMessages.LockText(e.Message));
        }

        return null;
    }
}
