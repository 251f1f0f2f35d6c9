using System.Text;
using Estream.Core;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Session;

/// <summary>Opens the store of a session: its journal, or memory if the session has no journal.</summary>
internal static class FixStores
{
    /// <summary>Opens the store of a session.</summary>
    /// <exception cref="ArgumentException">The journal cannot hold a message of the session's maximum length.</exception>
    /// <exception cref="WireConfigurationException">The journal belongs to a session of another FIX version.</exception>
    /// <exception cref="EstreamException">The journal cannot be read, or has another writer.</exception>
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
    /// Checks that the newest sent message has the session's BeginString, which is part of a session's identity. Under another BeginString,
    /// sequence numbers would refer to other messages, stored messages could not be resent unchanged, and reported fills could not be read.
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
                $"the journal {directory} belongs to a session of {Encoding.ASCII.GetString(found)}, but the session with "
                + $"{options.TargetCompId} is of {options.Protocol.BeginString}. Give it another journal, or restore the version.");
        }
    }

    private static ReadOnlySpan<byte> BeginStringOf(ReadOnlySpan<byte> message)
    {
        int end = message.IndexOf(FixText.Soh);
        return end > 2 ? message[2..end] : default;
    }
}
