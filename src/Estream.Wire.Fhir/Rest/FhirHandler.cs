using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;
using Estream.Wire.Fhir.Subscriptions;

namespace Estream.Wire.Fhir.Rest;

/// <summary>The REST API of FHIR R4 (3.1.0), without HTTP: one method answers a request. Thread-safe.</summary>
internal sealed class FhirHandler
{
    private readonly ReadHandler _reads;
    private readonly SearchHandler _searches;
    private readonly WriteHandler _writes;
    private readonly BundleHandler _bundles;
    private readonly Capabilities _capabilities;

    public FhirHandler(ResourceStore store, ReadAccess access, FhirHandlerOptions options)
    {
        _reads = new ReadHandler(store, access);
        _searches = new SearchHandler(store, access, options.BaseUrl);
        _writes = new WriteHandler(store, access, options);
        _bundles = new BundleHandler(this, _writes, store, access, options);
        _capabilities = new Capabilities(options);
    }

    /// <summary>Answers a request. Does not throw for any request.</summary>
    /// <exception cref="Core.EstreamException">The queue cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The client has left.</exception>
    public FhirResponse Handle(FhirRequest request)
    {
        if (request.Method is "GET" or "PATCH" && request.Path.Count >= 2 && FhirTypes.IsKnown(request.Part(0))
            && request.Part(1) != "_history")
        {
            request.Principal.Trail?.AddResource($"{request.Part(0)}/{request.Part(1)}");
        }

        try
        {
            return HandleChecked(request);
        }
        catch (TooCostlyException)
        {
            return Outcome.Fail(413, "too-costly",
                "The request examines too many resources. Search by identifier, patient, code or another exact parameter, or split it.");
        }
    }

    /// <summary>Returns the kind of a request, which decides where the request runs. A request with an unknown method or path counts as a
    /// read, because it is refused.</summary>
    public RequestKind KindOf(FhirRequest request)
    {
        bool isScan = (request.Method, request.Path.Count, request.Part(0), request.Part(1)) switch
        {
            ("GET", 1, "_history", _) or ("GET", 2, _, "_history") or ("GET", 3, _, _) => true,
            ("GET", 1, _, _) => FhirTypes.IsKnown(request.Part(0)) && _searches.IsLong(request, request.Query),
            ("POST", 2, _, "_search") => FhirTypes.IsKnown(request.Part(0)) && _searches.IsLong(request, FormOf(request)),
            ("POST", 0, _, _) => _bundles.CanRead(request.Body),
            _ => false,
        };
        return isScan ? RequestKind.Scan
            : request.Method is "POST" or "PUT" or "PATCH" or "DELETE" && request.Part(1) != "_search" ? RequestKind.Write
            : RequestKind.Read;
    }

    private FhirResponse HandleChecked(FhirRequest request)
    {
        string first = request.Part(0);
        return first.Length == 0 ? HandleRoot(request)
            : first == "metadata" ? request.Method == "GET" ? _capabilities.Answer() : NotAllowed()
            : first == "_history" && request.Path.Count == 1 && request.Method == "GET" ? _searches.History(request, null, null)
            : !FhirTypes.IsKnown(first)
                ? Outcome.Fail(404, "not-supported", "The resource type or operation is not supported; see GET metadata.")
            : request.Path.Count == 1 ? HandleType(request)
            : HandleInstance(request);
    }

    private static string FormOf(FhirRequest request) =>
        $"{request.Query}&{System.Text.Encoding.UTF8.GetString(request.Body.Span)}";

    internal static FhirResponse NotAllowed() =>
        Outcome.Fail(405, "not-supported", "The method is not supported here; see GET metadata.");

    private FhirResponse HandleRoot(FhirRequest request) => request.Method == "POST" ? _bundles.Handle(request) : NotAllowed();

    private FhirResponse HandleType(FhirRequest request) => request.Method switch
    {
        "GET" => _searches.Search(request, request.Query),
        "POST" => _writes.Create(request),
        "PUT" => _writes.UpdateConditionally(request),
        "PATCH" => _writes.PatchConditionally(request),
        "DELETE" => _writes.DeleteConditionally(request),
        _ => NotAllowed(),
    };

    private FhirResponse HandleInstance(FhirRequest request)
    {
        string type = request.Part(0);
        string second = request.Part(1);
        string third = request.Part(2);
        if (second == "_search" && request.Path.Count == 2)
        {
            return request.Method == "POST" ? _searches.Search(request, FormOf(request)) : NotAllowed();
        }

        if (second == "_history" && request.Path.Count == 2)
        {
            return request.Method == "GET" ? _searches.History(request, type, null) : NotAllowed();
        }

        if (IsValidate(request.Path))
        {
            return Outcome.Fail(400, "not-supported", "An entry of a bundle cannot be $validate. Send each resource in its own request.");
        }

        if (!FhirPrimitives.IsId(System.Text.Encoding.UTF8.GetBytes(second)))
        {
            return Outcome.Fail(400, "invalid", "The id in the URL is not valid: 1 to 64 letters, digits, '-' and '.'.");
        }

        return (request.Path.Count, request.Method, third) switch
        {
            (2, "GET", _) => _reads.Read(request, type, second),
            (2, "PUT", _) => _writes.Update(request, second),
            (2, "PATCH", _) => _writes.Patch(request, second),
            (2, "DELETE", _) => _writes.Delete(request, second),
            (3, "GET", "_history") => _searches.History(request, type, second),
            (4, "GET", "_history") => _reads.ReadVersion(request, type, second, request.Part(3)),
            (2, _, _) => NotAllowed(),
            _ => Outcome.Fail(404, "not-supported", "The operation is not supported; see GET metadata."),
        };
    }

    /// <summary>Whether a path is <c>$validate</c> of a type or instance, which <see cref="Validation.LazyValidation"/> answers.</summary>
    public static bool IsValidate(IReadOnlyList<string> path) =>
        path.Count is 2 or 3 && path[^1] == "$validate" && FhirTypes.IsKnown(path[0]);
}

/// <summary>What a request can cost.</summary>
internal enum RequestKind
{
    /// <summary>Reads few resources.</summary>
    Read,

    /// <summary>Can examine so many resources that it belongs on the threads for searches.</summary>
    Scan,

    /// <summary>Writes, so it waits for other writes.</summary>
    Write,
}

/// <summary>Options of the REST API.</summary>
internal sealed record FhirHandlerOptions
{
    /// <summary>The URL of the server, ending in '/'.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>The maximum number of entries of a bundle.</summary>
    public int MaxBundleEntries { get; init; } = 1_000;

    /// <summary>The maximum length of a patched resource in bytes.</summary>
    public int MaxResourceBytes { get; init; } = 4 << 20;

    /// <summary>Whether a client may choose the id of a new resource with PUT.</summary>
    public bool IsUpdateCreate { get; init; } = true;

    /// <summary>The endpoints that subscriptions may notify.</summary>
    public EndpointRules SubscriptionEndpoints { get; init; } = new([]);
}
