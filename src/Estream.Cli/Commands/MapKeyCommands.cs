using System.CommandLine;
using Estream.Cli.Data;
using Estream.Core;
using Estream.Map;

namespace Estream.Cli.Commands;

/// <summary>`estream map rotate-key` and `estream map rewrap-keys`: change the keys of an encrypted map of byte strings.</summary>
internal static class MapKeyCommands
{
    public static Command CreateRotate(CliContext context) => Create(
        context, "rotate-key",
        "Creates a new key, encrypts all entries with it, and deletes older keys. Stop the program that writes the map first; readers can "
        + "keep running. Example: estream map rotate-key sessions --key-file master.keys",
        Rotate);

    public static Command CreateRewrap(CliContext context) => Create(
        context, "rewrap-keys", "Wraps all keys of the map with the first master key of the key file. Changes only map.keys; the host can "
            + "keep running. Example: estream map rewrap-keys sessions --key-file master.keys",
        Rewrap);

    private static string Rotate(string directory, ByteMapOptions options)
    {
        int generation;
        if (HasVersions(directory, options))
        {
            using VersionedByteMap versioned = VersionedByteMap.Open(directory, options);
            generation = versioned.RotateKey();
            versioned.Compact();
        }
        else
        {
            using ByteMap map = ByteMap.Open(directory, options);
            generation = map.RotateKey();
            map.Compact();
        }

        return $"key {generation} encrypts all entries; older keys are deleted";
    }

    private static string Rewrap(string directory, ByteMapOptions options)
    {
        int keys;
        if (HasVersions(directory, options))
        {
            using VersionedByteMap versioned = VersionedByteMap.OpenReadOnly(directory, options);
            keys = versioned.RewrapKeys();
        }
        else
        {
            using ByteMap map = ByteMap.OpenReadOnly(directory, options);
            keys = map.RewrapKeys();
        }

        return $"{keys} keys rewrapped with '{options.Keys!.CurrentId}'";
    }

    // Opening for reading refuses a map that does not exist, which opening for writing would create.
    private static bool HasVersions(string directory, ByteMapOptions options)
    {
        try
        {
            ByteMap.OpenReadOnly(directory, options).Dispose();
            return false;
        }
        catch (EstreamFormatException)
        {
            VersionedByteMap.OpenReadOnly(directory, options).Dispose();
            return true;
        }
    }

    private static Command Create(CliContext context, string name, string help, Func<string, ByteMapOptions, string> change) =>
        KeyChangeCommand.Create(context, name, help, SharedOptions.Map(), DataFolder.Maps,
            (directory, keys) => change(directory, new ByteMapOptions { Keys = keys }));
}
