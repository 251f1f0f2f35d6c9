using System.Runtime.CompilerServices;
using System.Text;
using Estream.Wire.Fhir.Rest;
using Firely.Fhir.Validation;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Source;
using Hl7.Fhir.Specification.Terminology;

namespace Estream.Wire.Fhir.Validation;

/// <summary>Answers <c>$validate</c> with the validator of Firely. Its assemblies and definitions, about 100 MB, are loaded by the first
/// call. Thread-safe.</summary>
internal sealed class LazyValidation : IDisposable
{
    private readonly Lock _gate = new();
    private FirelyProfiles? _validator;

    /// <summary>Validates a resource, or the parameter <c>resource</c> of a Parameters resource.</summary>
    public FhirResponse Validate(ReadOnlyMemory<byte> body, string type)
    {
        FhirResponse? invalid = ResourceBuilder.ReadId(body, "Parameters", out _);
        ReadOnlyMemory<byte> resource = invalid is null ? Unwrap(body) : body;
        lock (_gate)
        {
            // One call at a time: the definitions are cached while they are used.
            return Run(resource, type);
        }
    }

    /// <summary>Deletes the extracted definitions.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _validator?.Dispose();
            _validator = null;
        }
    }

    private static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> parameters)
    {
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(parameters);
        return Resources.JsonElementExtensions.Items(Resources.JsonElementExtensions.Member(json.RootElement, "parameter"))
            .Where(one => Resources.JsonElementExtensions.Text(one, "name") == "resource")
            .Select(one => ResourceBuilder.TextOf(Resources.JsonElementExtensions.Member(one, "resource"))).FirstOrDefault([]);
    }

    // Not inlined, so that the assemblies of Firely are not loaded before the first call.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private FhirResponse Run(ReadOnlyMemory<byte> resource, string type)
    {
        try
        {
            _validator ??= new FirelyProfiles();
            return _validator.Validate(resource, type);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // A library reads input of a client here; its message could quote the resource.
            return Outcome.Fail(500, "exception", $"The validator failed: {failure.GetType().Name}.");
        }
    }
}

/// <summary>The validator of Firely with the definitions of R4. Not thread-safe.</summary>
internal sealed class FirelyProfiles : IDisposable
{
    private const string Definitions = "specification.zip";

    // A directory of this process, because the shared directory of the library could be prepared by another user.
    private readonly DirectoryInfo _extracted = Directory.CreateTempSubdirectory("estream-fhir-");
    private readonly Validator _validator;
    private readonly FhirJsonDeserializer _deserializer = FhirJsonDeserializer.RECOVERABLE;
    private readonly FhirJsonSerializer _serializer = FhirJsonSerializer.Default;

    public FirelyProfiles()
    {
        CachedResolver definitions = new(new ZipSource(Path.Combine(AppContext.BaseDirectory, Definitions), _extracted.FullName));
        _validator = new Validator(definitions, LocalTerminologyService.CreateDefaultForCore(definitions));
    }

    public void Dispose() => _extracted.Delete(recursive: true);

    public FhirResponse Validate(ReadOnlyMemory<byte> body, string type)
    {
        OperationOutcome outcome;
        try
        {
            Resource resource = _deserializer.DeserializeResource(Encoding.UTF8.GetString(body.Span));
            if (resource.TypeName != type)
            {
                return Outcome.Fail(400, "structure", $"The body is not a resource of type {type}.");
            }

            outcome = _validator.Validate(resource);
        }
        catch (DeserializationFailedException failure)
        {
            outcome = failure.ToOperationOutcome();
        }

        if (outcome.Issue.Count == 0)
        {
            return new FhirResponse(200, Outcome.Write("information", "informational", "The resource is valid."));
        }

        return new FhirResponse(200, Encoding.UTF8.GetBytes(_serializer.SerializeToString(outcome)));
    }
}
