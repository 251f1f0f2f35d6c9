using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Core;

namespace Estream.Witness.Tests.Support;

/// <summary>A state as a dictionary. Computes the root literally by the definition in the format documentation, ignoring speed.</summary>
internal sealed class NaiveState
{
    private readonly Dictionary<string, (long Version, long Ends, byte[] Value)> _entries = [];

    public IEnumerable<string> Keys => _entries.Keys;

    /// <summary>Returns the put event of an entry of a sample that never changes.</summary>
    public static byte[] Sample(int number)
    {
        byte[] value = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("value", number % 50)));
        return Put(Key(number), value, number % 3 == 0 ? number : 0, number % 6 == 0 ? 1_700_000_000_000_000_000 + number : 0);
    }

    public static byte[] Key(int number) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"key {number}"));

    public static byte[] Put(byte[] key, byte[] value, long version = 0, long ends = 0) =>
        Event(MapChangeKind.Put, key, value, version, ends);

    public static byte[] Event(MapChangeKind kind, byte[] key, byte[]? value = null, long version = 0, long ends = 0)
    {
        byte[] message = new byte[24 + key.Length + (value?.Length ?? 0)];
        new MapChange(kind, key, value, version, ends).Write(message);
        return message;
    }

    /// <summary>Applies a message.</summary>
    public void Apply(ReadOnlySpan<byte> message)
    {
        int kind = message.Length < 24 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(message), keyBytes = kind == 0
            ? 0
            : BinaryPrimitives.ReadInt32LittleEndian(message[4..]);
        if (kind is < 1 or > 4 || keyBytes < 0 || keyBytes > message.Length - 24)
        {
            return;
        }

        string key = Convert.ToHexString(message.Slice(24, keyBytes));
        switch (kind)
        {
            case 1:
                _entries[key] = (BinaryPrimitives.ReadInt64LittleEndian(message[8..]),
                    BinaryPrimitives.ReadInt64LittleEndian(message[16..]), message[(24 + keyBytes)..].ToArray());
                break;
            case 4:
                _entries.Clear();
                break;
            default:
                _entries.Remove(key);
                break;
        }
    }

    public bool TryGet(byte[] key, out (long Version, long Ends, byte[] Value) held) =>
        _entries.TryGetValue(Convert.ToHexString(key), out held);

    public byte[] Root() =>
        Root(_entries.Select(entry => Entry(Convert.FromHexString(entry.Key), entry.Value.Version, entry.Value.Ends, entry.Value.Value)));

    /// <summary>Computes the root over hashed entries.</summary>
    public static byte[] Root(IEnumerable<byte[]> entries) =>
        Node([.. entries.Select(entry =>
            (string.Concat(entry[..32].Select(octet => octet.ToString("b8", CultureInfo.InvariantCulture))), entry))], 0);

    public static byte[] Entry(byte[] key, long version, long ends, byte[] value)
    {
        byte[] numbers = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(numbers, version);
        BinaryPrimitives.WriteInt64LittleEndian(numbers.AsSpan(8), ends);
        return [.. NaiveTree.Hash(key), .. NaiveTree.Hash([4, .. numbers, .. value])];
    }

    private static byte[] Node((string Bits, byte[] Entry)[] entries, int depth) => entries.Length <= 16
        ? NaiveTree.Hash([2, .. entries.OrderBy(entry => entry.Bits, StringComparer.Ordinal).SelectMany(entry => entry.Entry)])
        : NaiveTree.Hash(
            [3, .. Node([.. entries.Where(entry => entry.Bits[depth] == '0')], depth + 1),
                .. Node([.. entries.Where(entry => entry.Bits[depth] == '1')], depth + 1)]);
}
