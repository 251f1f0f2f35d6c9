using Estream.Core;
using Estream.Esf;

namespace Estream.Streams.Internal;

/// <summary>A message as a reader gets it: one of those that are chosen by lattice and address; with keys one that is for its audiences,
/// opened as far as they read it.</summary>
internal static class UnsealedMessage
{
    /// <summary>Refuses a reader of another schema.</summary>
    public static void Require<TView>(EsfUnsealer reader)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.Schema.Id != TView.Schema.Id)
        {
            throw new ArgumentException($"It opens messages of {reader.Schema}, and these are of {TView.Schema}: make one for this schema.",
                nameof(reader));
        }
    }

    /// <summary>Refuses a filter that would let nothing of the schema through.</summary>
    public static void Require<TView>(EsfMessageFilter? filter)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        if (filter?.CanChoose(TView.Schema) == false)
        {
            throw new ArgumentException(
                $"It chooses no message of {TView.Schema}: make it with this schema, and with patterns of its lattice and its path.",
                nameof(filter));
        }
    }

    /// <summary>Whether a message is one to read.</summary>
    /// <param name="reader">Opens it; null to view it as it lies there.</param>
    /// <param name="filter">Chooses it; null for all.</param>
    /// <param name="message">The message.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="view">Its fields, valid until the reader opens another.</param>
    /// <returns>False for one of another schema, one that is not chosen, and one that is not for the reader's audiences.</returns>
    /// <exception cref="EstreamFormatException">It says it is of this schema and cannot be read, or was changed.</exception>
    public static bool TryView<TView>(EsfUnsealer? reader, EsfMessageFilter? filter, ReadOnlySpan<byte> message, long position,
        out TView view)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        bool isOurs = Message.TryView(message, position, out view) && (filter is null || IsChosen<TView>(filter, message, position));
        if (reader is null || !isOurs)
        {
            return isOurs;
        }

        bool isChosen = true;
        EsfStatus status = reader.Audiences?.Check(message, out isChosen) ?? EsfStatus.Ok;
        if (status.IsOk && isChosen)
        {
            status = reader.Open(message, out ReadOnlySpan<byte> opened, out _);
            if (status.IsOk)
            {
                view = TView.Of(opened);
                return true;
            }
        }

        view = default;
        return status.IsOk
            ? false
            : throw new EstreamFormatException(
                $"At position {position}: the message of {TView.Schema} cannot be opened: {status.Describe(message)} The next read goes "
                + "on behind it.", null);
    }

    private static bool IsChosen<TView>(EsfMessageFilter filter, ReadOnlySpan<byte> message, long position)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        EsfStatus status = filter.Check(message, out bool isChosen);
        return status.IsOk
            ? isChosen
            : throw new EstreamFormatException(
                $"At position {position}: the address of the message of {TView.Schema} cannot be told: {status.Describe(message)} The "
                + "next read goes on behind it.", null);
    }
}
