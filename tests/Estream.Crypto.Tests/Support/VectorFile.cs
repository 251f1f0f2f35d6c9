using System.IO.Compression;
using System.Text.Json;

namespace Estream.Crypto.Tests.Support;

/// <summary>The published vectors in the tests' folder.</summary>
internal static class VectorFile
{
    /// <summary>Opens a file as published.</summary>
    public static JsonDocument Open(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Vectors", name + ".json.gz"));
        using GZipStream text = new(file, CompressionMode.Decompress);
        return JsonDocument.Parse(text);
    }

    /// <summary>Runs every case of every group of a Wycheproof file, and checks that the file states this number of cases.</summary>
    /// <param name="name">The file.</param>
    /// <param name="check">Throws if the answer differs.</param>
    public static VectorCount ForEach(string name, Action<JsonElement> check) => ForEach(name, (_, test) => check(test));

    /// <summary>Runs every case of every group, for cases that need data of their group.</summary>
    /// <param name="name">The file.</param>
    /// <param name="check">Receives the group and the case. Throws if the answer differs.</param>
    public static VectorCount ForEach(string name, Action<JsonElement, JsonElement> check)
    {
        using JsonDocument document = Open(name);
        var count = default(VectorCount);
        foreach (JsonElement group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                Check(name, test, () => check(group, test));
                count = IsValid(test) ? count with { Valid = count.Valid + 1 } : count with { Invalid = count.Invalid + 1 };
            }
        }

        Assert.Equal(document.RootElement.GetProperty("numberOfTests").GetInt32(), count.Valid + count.Invalid);
        return count;
    }

    /// <summary>Runs every case of an ACVP file and returns their number.</summary>
    /// <param name="name">The file.</param>
    /// <param name="check">Throws if the answer differs.</param>
    public static int ForEachAcvp(string name, Action<JsonElement> check)
    {
        using JsonDocument document = Open(name);
        int count = 0;
        foreach (JsonElement test in document.RootElement.GetProperty("tests").EnumerateArray())
        {
            Check(name, test, () => check(test));
            count++;
        }

        return count;
    }

    /// <summary>Returns whether a case must succeed. The files contain only the results valid and invalid.</summary>
    public static bool IsValid(JsonElement test) => test.GetProperty("result").GetString() switch
    {
        "valid" => true,
        "invalid" => false,
        string other => throw new InvalidOperationException($"a result '{other}'"),
        null => throw new InvalidOperationException("no result"),
    };

    /// <summary>Returns a field of hexadecimal digits, or no bytes if absent.</summary>
    public static byte[] BytesOrNone(this JsonElement test, string field) =>
        test.TryGetProperty(field, out JsonElement value) ? Convert.FromHexString(value.GetString()!) : [];

    /// <summary>Returns a field of hexadecimal digits.</summary>
    public static byte[] Bytes(this JsonElement test, string field) => Convert.FromHexString(test.GetProperty(field).GetString()!);

    private static void Check(string name, JsonElement test, Action check)
    {
        try
        {
            check();
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{name}, case {test.GetProperty("tcId")}: {error.Message}", error);
        }
    }
}

/// <summary>The number of valid and invalid cases that gave the published answer.</summary>
internal readonly record struct VectorCount(int Valid, int Invalid)
{
    public override string ToString() => $"{Valid}+{Invalid}";
}
