using System.Globalization;
using Estream.Esf;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
using Estream.Streams.Pipelines;
using Estream.Streams.Pipelines.Reading;

namespace Estream.Circuits.Reading;

/// <summary>The declarations that apply to the circuit as a whole, as far as they could be read.</summary>
internal sealed class HeadDeclaration
{
    private const string LanguageVersion = "0.8.0";
    private const string VersionExample = "version: \"1.0.0\"";

    private SemanticVersion? _version;
    private string? _description;
    private string? _rejected;
    private LexAddress? _address;
    private long? _maxBytes;
    private bool _hasSchemaFiles;
    private CircuitAnnotations _annotations = new();

    /// <summary>The name; null if there is no valid name.</summary>
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
        head._hasSchemaFiles = map.Find("schemas") is not null;
        head._annotations = AnnotationDeclarations.Read(map, scope);
        return head;
    }

    /// <summary>Returns the declarations in their final form; null after reporting an error.</summary>
    /// <param name="fingerprint">The part of the file that determines results.</param>
    /// <param name="text">The text of the file.</param>
    public CircuitHead? Complete(MapNode fingerprint, string text) =>
        Name is null || _version is null
            ? null
            : new CircuitHead(Name.Value, _version, _description, _annotations, _rejected, (int)_maxBytes!.Value, fingerprint, text,
                _address ?? LexAddress.OfName(Name.Value), _hasSchemaFiles);

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

    // The major version in the name: 1 for acme.boiler.alarms.v1; -1 if the name is invalid.
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
