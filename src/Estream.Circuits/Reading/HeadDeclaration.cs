using System.Globalization;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>What a file says of the circuit as a whole, as far as it could be read.</summary>
internal sealed class HeadDeclaration
{
    private const string LanguageVersion = "0.8.0";
    private const string VersionExample = "version: \"1.0.0\"";

    private SemanticVersion? _version;
    private string? _description;
    private string? _rejected;
    private LexAddress? _address;
    private long? _maxBytes;
    private CircuitAnnotations _annotations = new();

    /// <summary>The name; null where there is none that can be one.</summary>
    public ScalarNode? Name { get; private set; }

    public static HeadDeclaration Read(MapNode map, PipelineScope scope)
    {
        HeadDeclaration head = new();
        if (scope.Scalar(map, "a circuit file", "escir_version", $"escir_version: \"{LanguageVersion}\"") is ScalarNode language
            && language.Value != LanguageVersion)
        {
            scope.Sink.Report(CircuitCodes.Version, language, CircuitMessages.LanguageVersion(language.Value));
        }

        head.ReadName(map, scope);
        head._description = scope.Sink.Text(map, "description", "description: \"Boilers that are too hot\"");
        head._rejected = scope.Name(map, "a circuit file", "rejected", isRequired: false);
        head._maxBytes =
            scope.Number(map, "max_bytes", EsfMessageHeader.Length, PipelineLimits.HighestMaxBytes, PipelineLimits.DefaultMaxBytes);
        head._address = AddressDeclaration.Read(map, "a circuit file", scope);
        head._annotations = AnnotationDeclarations.Read(map, scope);
        return head;
    }

    /// <summary>The head; null where a mistake was reported.</summary>
    /// <param name="fingerprint">What the file says of what the circuit does.</param>
    /// <param name="text">The whole file.</param>
    public CircuitHead? Complete(MapNode fingerprint, string text) =>
        Name is null || _version is null
            ? null
            : new CircuitHead(Name.Value, _version, _description, _annotations, _rejected, (int)_maxBytes!.Value, fingerprint, text,
                _address ?? LexAddress.OfName(Name.Value));

    private void ReadName(MapNode map, PipelineScope scope)
    {
        ScalarNode? name = scope.Scalar(map, "a circuit file", "name", "name: acme.boiler.alarms.v1");
        ScalarNode? version = scope.Scalar(map, "a circuit file", "version", VersionExample);
        if (version is not null && !SemanticVersion.TryParse(version.Value, out _version, out _))
        {
            scope.Sink.Report(CircuitCodes.Version, version, CircuitMessages.BadVersion(version.Value));
        }

        if (name is null)
        {
            return;
        }

        int major = MajorOf(name.Value);
        if (major < 0)
        {
            scope.Sink.Report(CircuitCodes.Name, name, CircuitMessages.BadCircuitName(name.Value));
            return;
        }

        Name = name;
        if (_version is not null && _version.Major != major)
        {
            scope.Sink.Report(CircuitCodes.Version, version!, CircuitMessages.OtherMajor(name.Value, _version.Major));
        }
    }

    // Of acme.boiler.alarms.v1 it is 1; -1 of what is no name.
    private static int MajorOf(string name)
    {
        int dot = name.LastIndexOf('.');
        return name.Length <= CircuitLimits.MaxNameLength && dot > 0 && NameRule.IsDottedName(name) && name[dot + 1] == 'v'
            && int.TryParse(name.AsSpan(dot + 2), NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && $"v{major}" == name[(dot + 1)..]
            ? major
            : -1;
    }
}
