using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Circuits.Operations;
using Estream.Core;
using Estream.Esf;

namespace Estream.Circuits.Testing;

/// <summary>Reads files of golden vectors (docs/formats/escir.md, "Golden vectors"). Stateless; thread-safe.</summary>
public static class CircuitVectors
{
    private const int MaxFileBytes = 16 << 20;

    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>Reads a file.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="circuit">The circuit that the vectors test.</param>
    /// <param name="known">The schemas of messages in maps.</param>
    /// <exception cref="EstreamFormatException">The file cannot be read, or refers to something the circuit does not have. The message
    /// gives the position.</exception>
    public static IReadOnlyList<CircuitVector> Load(string path, Circuit circuit, EsfSchemaSet known)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            FileKinds.ThrowIfSpecial(path);
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxFileBytes)
            {
                throw new EstreamFormatException($"{path} has more than {MaxFileBytes >> 20} MiB: split it into several files of vectors.",
                    path);
            }

            byte[] text = new byte[file.Length];
            file.ReadExactly(text);
            return Read(text, path, circuit, known);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            throw new EstreamFormatException($"{path} cannot be read: {e.Message}", path, e);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">JSON in UTF-8; any bytes.</param>
    /// <param name="file">The file name for messages.</param>
    /// <param name="circuit">The circuit that the vectors test.</param>
    /// <param name="known">The schemas of messages in maps.</param>
    /// <exception cref="EstreamFormatException">The text is not valid JSON, or refers to something the circuit does not have. The message
    /// gives the position.</exception>
    public static IReadOnlyList<CircuitVector> Read(ReadOnlyMemory<byte> text, string file, Circuit circuit, EsfSchemaSet known)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(circuit);
        ArgumentNullException.ThrowIfNull(known);
        if (!Utf8.IsValid(text.Span))
        {
            throw new EstreamFormatException($"{file} is not valid JSON: it is not UTF-8.", file);
        }

        using JsonDocument document = Parse(text, file);
        VectorPart root = new(document.RootElement, file, "");
        root.AllowOnly("vectors");
        return [.. root.Required("vectors").Items().Select(vector => ReadOne(vector, circuit, known))];
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> text, string file)
    {
        try
        {
            return JsonDocument.Parse(text, s_options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name contains an unpaired surrogate, found by the check for duplicate names.
            throw new EstreamFormatException($"{file} is not valid JSON: {e.Message}", file, e);
        }
    }

    private static CircuitVector ReadOne(VectorPart vector, Circuit circuit, EsfSchemaSet known)
    {
        if (circuit is { IsCallable: true, Operation: { } operation })
        {
            return new CircuitVector(OperationVectors.Read(vector, circuit, operation));
        }

        vector.AllowOnly("name", "maps", "inputs", "outputs", "rejected");
        List<(string Input, byte[] Message)> inputs = [];
        foreach ((string name, VectorPart messages) in vector.Required("inputs").Members())
        {
            CircuitPort port = PortOf(circuit.Inputs, name, messages, "input");
            inputs.AddRange(messages.Items().Select(message => (name, message.Encode(port.Schema))));
        }

        List<(string Map, string Key, byte[] Message)> maps = [];
        foreach ((string name, VectorPart map) in vector.Optional("maps")?.Members() ?? [])
        {
            map.AllowOnly("schema", "entries");
            VectorPart named = map.Required("schema");
            EsfSchema schema = known.TryGet(named.Text(), out EsfSchema? found)
                ? found
                : throw named.Mistake($"there is no schema '{named.Text()}'");
            maps.AddRange(map.Required("entries").Members().Select(entry => (name, entry.Name, entry.Value.Encode(schema))));
        }

        Dictionary<string, IReadOnlyList<CircuitTrialMessage>> outputs = new(StringComparer.Ordinal);
        foreach ((string name, VectorPart messages) in vector.Required("outputs").Members())
        {
            CircuitPort port = PortOf(circuit.Outputs, name, messages, "output");
            outputs.Add(name, port.Map is null
                ? [.. messages.Items().Select(message => new CircuitTrialMessage(null, message.Encode(port.Schema)))]
                : [.. messages.Members().Select(entry => new CircuitTrialMessage(entry.Name, entry.Value.Encode(port.Schema)))
                    .OrderBy(entry => entry.Key, StringComparer.Ordinal)]);
        }

        string[] rejected = [.. vector.Optional("rejected")?.Items().Select(reason => reason.Text()) ?? []];
        return new CircuitVector(circuit, vector.Required("name").Text(), inputs, maps, outputs, rejected);
    }

    private static CircuitPort PortOf(IReadOnlyList<CircuitPort> ports, string name, VectorPart at, string what) =>
        ports.FirstOrDefault(port => port.Name == name)
            ?? throw at.Mistake($"the circuit has no {what} '{name}'; it has {string.Join(", ", ports.Select(port => port.Name))}");
}
