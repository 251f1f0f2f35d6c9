using System.Globalization;
using System.Numerics;
using System.Text;

namespace Estream.Esf.Tests.Expressions;

/// <summary>A random door, as values by path and as a message.</summary>
internal sealed class DoorValues
{
    private static readonly string[] s_texts = ["", "a", "nor", "north", "Türe", "漢", "z"];
    private static readonly double[] s_numbers = [0, -0.0, 0.5, -1.5, 2.5, 1e300, -1e300, 5e-324, 9007199254740992, 1.7976931348623157e308];

    private DoorValues(Dictionary<string, object?> fields, string json) => (Fields, Json) = (fields, json);

    /// <summary>The values; <see langword="null"/> for an absent field.</summary>
    public IReadOnlyDictionary<string, object?> Fields { get; }

    public string Json { get; }

    public static DoorValues Random(Random random)
    {
        Dictionary<string, object?> fields = [];
        StringBuilder json = new("{");
        Add("name", Pick(s_texts), false);
        Add("count", (BigInteger)random.Next(256), false);
        Add("total", new BigInteger(Pick<ulong>([0, 1, 9007199254740993, ulong.MaxValue, (ulong)random.NextInt64()])));
        Add("delta", new BigInteger(Pick<long>([0, -1, 1, long.MinValue, long.MaxValue, random.Next(-9, 9)])));
        Add("at", new BigInteger(random.NextInt64()));
        Add("warm", (double)(float)Pick<double>([0.1, -2, 3.5, 1e30]));
        Add("value", Pick(s_numbers));
        Add("is_open", random.Next(2) == 0);
        Add("state", new EnumValue(random.Next(3)));
        Add("note", Pick(s_texts));
        Add("counts", Enumerable.Range(0, random.Next(3)).Select(_ => (BigInteger)random.Next(4)).ToArray());
        bool hasPlace = random.Next(4) > 0;
        json.Append(hasPlace ? ",\"place\":{" : "");
        Add("place.floor", (BigInteger)random.Next(-5, 5), false, hasPlace);
        Add("place.room", Pick(s_texts), true, hasPlace);
        bool hasInner = hasPlace && random.Next(4) > 0;
        json.Append(hasInner ? ",\"inner\":{" : "");
        Add("place.inner.side", new EnumValue(random.Next(2)), false, hasInner);
        Add("place.inner.x", Pick(s_numbers), true, hasInner);
        json.Append(hasInner ? "}" : "").Append(hasPlace ? "}" : "");
        return new DoorValues(fields, json.Append('}').Replace("{,", "{").ToString());

        T Pick<T>(T[] all) => all[random.Next(all.Length)];

        void Add(string path, object value, bool isOptional = true, bool isThere = true)
        {
            isThere = isThere && (!isOptional || random.Next(4) > 0);
            fields.Add(path, isThere ? value : null);
            if (isThere)
            {
                json.Append(",\"").Append(path.Split('.')[^1]).Append("\":").Append(JsonOf(path, value));
            }
        }
    }

    public byte[] Encode() => Schemas.Encode(Doors.Door, Json);

    private static string JsonOf(string path, object value) => value switch
    {
        bool condition => condition ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        EnumValue named => "\"" + (path == "state" ? new[] { "Closed", "Ajar", "Open" } : ["Left", "Right"])[named.Ordinal] + "\"",
        string text => "\"" + text + "\"",
        BigInteger[] counts => $"[{string.Join(',', counts)}]",
        _ => ((BigInteger)value).ToString(CultureInfo.InvariantCulture),
    };
}
