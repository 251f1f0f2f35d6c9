using Estream.Core;
using Estream.Esf;

namespace Estream.Streams.Internal;

/// <summary>Selects and unseals messages for a reader: a filter selects by lattice and address; an unsealer selects by audience and unseals
/// the fields that the audience may read.</summary>
internal static class UnsealedMessage
{
    /// <summary>Throws if the unsealer belongs to another schema.</summary>
    public static void Require<TView>(EsfUnsealer reader)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.Schema.Id != TView.Schema.Id)
        {
            throw new ArgumentException($"The unsealer is for {reader.Schema}, not {TView.Schema}. Create one for this schema.",
                nameof(reader));
        }
    }

    /// <summary>Throws if the filter would match no message of the schema.</summary>
    public static void Require<TView>(EsfMessageFilter? filter)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        if (filter?.CanChoose(TView.Schema) == false)
        {
            throw new ArgumentException(
                $"The filter matches no message of {TView.Schema}. Create it with this schema, and with patterns of its lattice and path.",
                nameof(filter));
        }
    }

    /// <summary>Gets a view of a message if the reader should see it.</summary>
    /// <param name="reader">Unseals the message; null to view it as stored.</param>
    /// <param name="filter">Selects messages; null for all.</param>
    /// <param name="message">The message.</param>
    /// <param name="position">The position of the message.</param>
    /// <param name="view">The fields, valid until the unsealer unseals another message.</param>
    /// <returns>False for a message of another schema, one that the filter skips, and one that is not for the unsealer's
    /// audiences.</returns>
    /// <exception cref="EstreamFormatException">The message has this schema's id or name and cannot be read, or was tampered
    /// with.</exception>
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
                $"At position {position}: the message of {TView.Schema} cannot be unsealed: {status.Describe(message)} The next read "
                + "continues after it.", null);
    }

    private static bool IsChosen<TView>(EsfMessageFilter filter, ReadOnlySpan<byte> message, long position)
        where TView : struct, IEsfView<TView>, allows ref struct
    {
        EsfStatus status = filter.Check(message, out bool isChosen);
        return status.IsOk
            ? isChosen
            : throw new EstreamFormatException(
                $"At position {position}: the address of the message of {TView.Schema} cannot be determined: {status.Describe(message)} "
                + "The next read continues after it.", null);
    }
}
