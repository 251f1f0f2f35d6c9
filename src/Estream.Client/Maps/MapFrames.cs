using Estream.Client.Protocol;

namespace Estream.Client.Maps;

/// <summary>Reads the payloads of map responses.</summary>
internal static class MapFrames
{
    /// <summary>A compare-exchange that compares versions.</summary>
    public const byte ByVersion = 0;

    /// <summary>A compare-exchange that compares values.</summary>
    public const byte ByValue = 1;

    private const byte Complete = 1;
    private const byte HostCrashed = 2;

    /// <summary>Reads an entry: a byte that is 0 if there is none, version, expiry, value.</summary>
    public static MapEntry? ReadEntry(byte[] payload)
    {
        PayloadReader reader = new(payload);
        bool isPresent = reader.Byte() != 0;
        long version = reader.Int64();
        long expiresAt = reader.Int64();
        int length = reader.Rest().Length;
        RequireComplete(reader);
        return isPresent ? new MapEntry(payload.AsMemory(payload.Length - length), version, expiresAt) : null;
    }

    public static long ReadVersion(byte[] payload)
    {
        PayloadReader reader = new(payload);
        long version = reader.Int64();
        RequireComplete(reader);
        return version;
    }

    /// <summary>Returns the flags of a map: 1 if the content is complete, and then also 2 if the machine stopped while the map was open.
    /// Older clients take any flag for 1.</summary>
    public static byte FlagsOf(RemoteMapInfo info) =>
        (byte)(!info.IsComplete ? 0 : info.HostCrashed ? Complete | HostCrashed : Complete);

    /// <summary>Reads who owns a map: role, flags, time, name of the owner.</summary>
    public static RemoteMapInfo ReadInfo(byte[] payload)
    {
        PayloadReader reader = new(payload);
        RemoteMapRole role = (RemoteMapRole)reader.Byte();
        byte flags = reader.Byte();
        long asOf = reader.Int64();
        string owner = System.Text.Encoding.UTF8.GetString(reader.Rest());
        RequireComplete(reader);
        return new RemoteMapInfo(role, owner, asOf, (flags & Complete) != 0) { HostCrashed = (flags & HostCrashed) != 0 };
    }

    /// <summary>Reads an entry of a scan: key, version, expiry, value.</summary>
    public static KeyedMapEntry ReadKeyed(byte[] page, ref int offset)
    {
        PayloadReader reader = new(page.AsSpan(offset));
        int key = reader.ShortBytes().Length;
        long version = reader.Int64();
        long expiresAt = reader.Int64();
        int value = reader.LongBytes().Length;
        if (!reader.IsValid)
        {
            throw Damaged();
        }

        int keyAt = offset + sizeof(ushort);
        int valueAt = keyAt + key + (2 * sizeof(long)) + sizeof(int);
        offset = valueAt + value;
        return new KeyedMapEntry(
            new MapKey(page.AsMemory(keyAt, key)), new MapEntry(page.AsMemory(valueAt, value), version, expiresAt));
    }

    private static void RequireComplete(PayloadReader reader)
    {
        if (!reader.IsComplete)
        {
            throw Damaged();
        }
    }

    private static EstreamClientException Damaged() =>
        new("The host sent a damaged entry. Update client or host.", ClientStatus.ProtocolError);
}
