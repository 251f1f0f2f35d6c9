using System.Runtime.CompilerServices;
using System.Text;
using Estream.Wire.Fhir.Rest;
using Firely.Fhir.Validation;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;
using Hl7.Fhir.Specification.Source;
using Hl7.Fhir.Specification.Terminology;
using Hl7.Fhir.Support;

namespace Estream.Wire.Fhir.Validation;

/// <summary>Answers <c>$validate</c> with the validator of Firely. Its assemblies and definitions, about 100 MB, are loaded by the first
/// call. Validates one resource at a time; the others wait without a thread, and further ones are refused. Thread-safe.</summary>
internal sealed class LazyValidation : IDisposable
{
    /// <summary>The maximum length of a body: the validator takes much longer than a write for the same bytes.</summary>
    public const int MaxBodyBytes = 256 << 10;

    /// <summary>The maximum number of requests in progress, of which one is validated.</summary>
    public const int MaxRequests = 8;

    private readonly SemaphoreSlim _gate = new(1);
    private FirelyProfiles? _validator;
    private int _requests;

    /// <summary>Validates a resource, or the parameter <c>resource</c> of a Parameters resource.</summary>
    /// <param name="body">The body of the request.</param>
    /// <param name="type">The resource type.</param>
    /// <param name="cancellation">Cancels the wait for other validations.</param>
    public async Task<FhirResponse> ValidateAsync(ReadOnlyMemory<byte> body, string type, CancellationToken cancellation)
    {
        if (body.Length > MaxBodyBytes)
        {
            return TooLong;
        }

        try
        {
            if (Interlocked.Increment(ref _requests) > MaxRequests)
            {
                return Outcome.Fail(503, "throttled", $"The server validates {MaxRequests} resources now. Try again later.");
            }

            await _gate.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                FhirResponse? other = ResourceBuilder.ReadId(body, "Parameters", out _);
                ReadOnlyMemory<byte> resource = other is null ? Unwrap(body) : body;
                return ResourceBuilder.ReadId(resource, type, out _) ?? Run(resource);
            }
            finally
            {
                _gate.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
        }
    }

    /// <summary>The answer to a body that is longer than <see cref="MaxBodyBytes"/>.</summary>
    public static FhirResponse TooLong { get; } =
        Outcome.Fail(413, "too-long", $"The body of $validate is longer than {MaxBodyBytes} bytes.");

    /// <summary>Deletes the extracted definitions.</summary>
    public void Dispose()
    {
        _gate.Wait();
        _validator?.Dispose();
        _validator = null;
        _gate.Dispose();
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
    private FhirResponse Run(ReadOnlyMemory<byte> resource)
    {
        try
        {
            _validator ??= new FirelyProfiles();
            return _validator.Validate(resource);
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
        _validator = new Validator(
            definitions, LocalTerminologyService.CreateDefaultForCore(definitions),
            settings: new ValidationSettings { TransformIssues = Weigh });
    }

    public void Dispose() => _extracted.Delete(recursive: true);

    public FhirResponse Validate(ReadOnlyMemory<byte> body)
    {
        OperationOutcome outcome;
        try
        {
            outcome = _validator.Validate(_deserializer.DeserializeResource(Encoding.UTF8.GetString(body.Span)));
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

    // An unknown profile does not make the resource invalid. The validator of HL7 also reports a warning.
    private static IssueAssertion Weigh(IssueAssertion issue) => issue.IssueNumber == Issue.UNAVAILABLE_REFERENCED_PROFILE.Code
        ? issue.WithSeverity(OperationOutcome.IssueSeverity.Warning) : issue;
}
