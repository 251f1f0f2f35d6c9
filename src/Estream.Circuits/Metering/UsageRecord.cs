using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Estream.Circuits.Metering;

/// <summary>The record of one circuit in the usage file: the names of tenant and circuit, then the six dimensions that only grow. The
/// current values, memory and storage, are not kept.</summary>
internal static class UsageRecord
{
    public const int Bytes = NumbersAt + (Numbers * sizeof(long));

    /// <summary>The maximum length of a tenant name in UTF-8 bytes, the same as in the settings of the host.</summary>
    public const int MaxTenantBytes = 64;

    // A length byte, then the name.
    private const int CircuitAt = 1 + MaxTenantBytes;
    private const int NamesEnd = CircuitAt + 1 + CircuitLimits.MaxNameLength;
    private const int NumbersAt = 120;
    private const int Numbers = 6;

    /// <summary>Writes a record.</summary>
    /// <param name="key">The tenant and circuit.</param>
    /// <param name="usage">The usage.</param>
    /// <param name="record">The destination, <see cref="Bytes"/> bytes.</param>
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

    /// <summary>Reads a record.</summary>
    /// <returns>False if the bytes are not a valid record.</returns>
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

/// <summary>Identifies a record of usage.</summary>
/// <param name="Tenant">The tenant that is charged.</param>
/// <param name="Circuit">The name of the circuit, for all its versions; <see cref="Others"/> for circuits that were merged.</param>
internal readonly record struct UsageKey(string Tenant, string Circuit)
{
    /// <summary>The name under which merged circuits are recorded; no circuit has it.</summary>
    public const string Others = "";
}
