using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Streams.Pipelines;

namespace Estream.Circuits.Testing;

/// <summary>A value in a vector file, with its position.</summary>
internal readonly record struct VectorPart(JsonElement Value, string File, string Place)
{
    public EstreamFormatException Mistake(string what) => new($"{File}: {(Place.Length == 0 ? "the file" : Place)}: {what}.", File);

    public void AllowOnly(params string[] names)
    {
        foreach ((string name, VectorPart value) in Members())
        {
            if (!names.Contains(name))
            {
                throw value.Mistake($"is not a valid name here; use one of {string.Join(", ", names)}");
            }
        }
    }

    public VectorPart Required(string name) => Optional(name) ?? throw Mistake($"'{name}' is missing");

    public VectorPart? Optional(string name)
    {
        RequireKind(JsonValueKind.Object, "an object");
        return Value.TryGetProperty(name, out JsonElement found) ? new VectorPart(found, File, $"{Place}/{name}") : null;
    }

    public IEnumerable<(string Name, VectorPart Value)> Members()
    {
        RequireKind(JsonValueKind.Object, "an object");
        VectorPart self = this;
        return [.. Value.EnumerateObject()
            .Select(member => (member.Name, new VectorPart(member.Value, self.File, $"{self.Place}/{member.Name}")))];
    }

    public IEnumerable<VectorPart> Items()
    {
        RequireKind(JsonValueKind.Array, "an array");
        VectorPart self = this;
        return [.. Value.EnumerateArray().Select((item, i) => new VectorPart(item, self.File, $"{self.Place}/{i}"))];
    }

    public string Text()
    {
        RequireKind(JsonValueKind.String, "text");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Mistake("has an unpaired surrogate");
        }
    }

    public byte[] Encode(EsfSchema schema)
    {
        byte[] json = Encoding.UTF8.GetBytes(Value.GetRawText());
        byte[] message = ArrayPool<byte>.Shared.Rent(PipelineLimits.HighestMaxBytes);
        try
        {
            EsfStatus status = EsfJson.TryEncode(schema, json, message.AsSpan(0, PipelineLimits.HighestMaxBytes), out int length);
            return status.IsOk ? message[..length] : throw Mistake($"is not a valid {schema}: {status.Describe(json)}");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(message);
        }
    }

    /// <summary>Returns bytes, which JSON represents as hexadecimal digits.</summary>
    public byte[] Bytes()
    {
        try
        {
            return Convert.FromHexString(Text());
        }
        catch (FormatException)
        {
            throw Mistake("is not hexadecimal: write two digits for each byte");
        }
    }

    /// <summary>Returns an integer.</summary>
    public long Number(long least, long most) =>
        Value.ValueKind == JsonValueKind.Number && Value.TryGetInt64(out long number) && number >= least && number <= most
            ? number
            : throw Mistake(string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least} to {most}"));

    /// <summary>Returns a Boolean.</summary>
    public bool Flag() => Value.ValueKind is JsonValueKind.True or JsonValueKind.False
        ? Value.GetBoolean()
        : throw Mistake("must be true or false");

    private void RequireKind(JsonValueKind kind, string word)
    {
        if (Value.ValueKind != kind)
        {
            throw Mistake($"must be {word}");
        }
    }
}
