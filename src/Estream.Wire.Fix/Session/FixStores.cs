using System.Text;
using Estream.Core;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>Opens what a session remembers in: its journal, or memory where it has none.</summary>
internal static class FixStores
{
    /// <exception cref="ArgumentException">The journal cannot hold a message of the session.</exception>
    /// <exception cref="WireConfigurationException">The journal is that of a session of another version.</exception>
    /// <exception cref="EstreamException">The journal cannot be read, or somebody else writes to it.</exception>
    public static IFixStore Open(FixSessionOptions options)
    {
        if (options.Journal is not { } journal)
        {
            return new FixMemoryStore(options.KeptMessages);
        }

        FixQueueStore store = new(journal, options.MaxMessageBytes);
        try
        {
            CheckVersion(store, options, journal.Directory);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>
    /// BeginString is part of what names a session. Under another one the numbers mean other messages, those that were sent could not be
    /// sent again as they were, and the fills that were reported could not be read.
    /// </summary>
    private static void CheckVersion(FixQueueStore store, FixSessionOptions options, string directory)
    {
        if (!store.TryReadNewest(out ReadOnlySpan<byte> newest))
        {
            return;
        }

        ReadOnlySpan<byte> found = BeginStringOf(newest);
        if (!found.SequenceEqual(options.Protocol.BeginStringSpan))
        {
            throw new WireConfigurationException(
                "Version",
                $"the journal {directory} is that of a session of {Encoding.ASCII.GetString(found)}, and the one with "
                + $"{options.TargetCompId} is of {options.Protocol.BeginString}: "
                + "give it a journal of its own, or the version back.");
        }
    }

    private static ReadOnlySpan<byte> BeginStringOf(ReadOnlySpan<byte> message)
    {
        int end = message.IndexOf(FixText.Soh);
        return end > 2 ? message[2..end] : default;
    }
}
