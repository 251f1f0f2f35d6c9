using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Estream.Circuits.Metering;

/// <summary>What one circuit has used, as it is kept: the names of tenant and circuit, then the six dimensions that only grow. What a
/// circuit holds now is no matter of the past, and not kept.</summary>
internal static class UsageRecord
{
    public const int Bytes = NumbersAt + (Numbers * sizeof(long));

    /// <summary>Longest name of a tenant, as of the host's settings.</summary>
    public const int MaxTenantBytes = 64;

    // A byte for the length, then the name.
    private const int CircuitAt = 1 + MaxTenantBytes;
    private const int NamesEnd = CircuitAt + 1 + CircuitLimits.MaxNameLength;
    private const int NumbersAt = 120;
    private const int Numbers = 6;

    /// <summary>Writes one.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="usage">What was used.</param>
    /// <param name="record">Where to: <see cref="Bytes"/>.</param>
    public static void Write(UsageKey key, CircuitUsage usage, Span<byte> record)
    {
        record[..NumbersAt].Clear();
        WriteName(key.Tenant, record[..CircuitAt]);
        WriteName(key.Circuit, record[CircuitAt..NamesEnd]);
        ReadOnlySpan<long> numbers =
            [usage.Operations, usage.CpuNanos, usage.IngressBytes, usage.EgressBytes, usage.Proofs, usage.RetentionByteSeconds];
        for (int i = 0; i < Numbers; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(record[(NumbersAt + (i * sizeof(long)))..], numbers[i]);
        }
    }

    /// <summary>Reads one.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> record, out UsageKey key, out CircuitUsage usage)
    {
        key = default;
        usage = default;
        if (!TryReadName(record[..CircuitAt], out string tenant) || !TryReadName(record[CircuitAt..NamesEnd], out string circuit)
            || tenant.Length == 0)
        {
            return false;
        }

        Span<long> numbers = stackalloc long[Numbers];
        for (int i = 0; i < Numbers; i++)
        {
            numbers[i] = BinaryPrimitives.ReadInt64LittleEndian(record[(NumbersAt + (i * sizeof(long)))..]);
            if (numbers[i] < 0)
            {
                return false;
            }
        }

        key = new UsageKey(tenant, circuit);
        usage = new CircuitUsage(numbers[0], numbers[1], 0, 0, numbers[2], numbers[3], numbers[4], numbers[5]);
        return true;
    }

    private static void WriteName(string name, Span<byte> place) => place[0] = (byte)Encoding.UTF8.GetBytes(name, place[1..]);

    private static bool TryReadName(ReadOnlySpan<byte> place, out string name)
    {
        int length = place[0];
        bool isName = length < place.Length && Utf8.IsValid(place.Slice(1, length));
        name = isName ? Encoding.UTF8.GetString(place.Slice(1, length)) : "";
        return isName;
    }
}

/// <summary>Whose usage it is.</summary>
/// <param name="Tenant">Who is charged.</param>
/// <param name="Circuit">The name of the circuit, of all its versions; <see cref="Others"/> for circuits that are not told apart any
/// more.</param>
internal readonly record struct UsageKey(string Tenant, string Circuit)
{
    /// <summary>In place of a name: no circuit has this one.</summary>
    public const string Others = "";
}
