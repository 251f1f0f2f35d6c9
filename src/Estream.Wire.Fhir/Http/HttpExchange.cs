using System.Globalization;
using Estream.Core;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Patch;
using Estream.Wire.Fhir.Rest;
using Estream.Wire.Fhir.Search;
using Estream.Wire.Fhir.Store;
using Estream.Wire.Fhir.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Estream.Wire.Fhir.Http;

/// <summary>Turns HTTP requests into requests of FHIR, and answers when changes are durable. Thread-safe.</summary>
/// <param name="handler">Answers requests.</param>
/// <param name="store">The resources.</param>
/// <param name="options">The options of the server.</param>
/// <param name="baseUrl">The URL of the server, ending in '/'.</param>
/// <param name="tokens">Returns the present tokens; null for a server without tokens.</param>
/// <param name="counters">Counts requests.</param>
/// <param name="validation">Answers <c>$validate</c>.</param>
/// <param name="accesses">Records requests that read; null to record none.</param>
/// <param name="adapter">Counts how long changes take, from the request until they are durable.</param>
internal sealed class HttpExchange(
    FhirHandler handler, ResourceStore store, FhirServerOptions options, string baseUrl, Func<FhirTokens>? tokens, FhirCounters counters,
    LazyValidation validation, AccessLog? accesses, AdapterContext adapter) : IDisposable
{
    private const int SmallAnswerBytes = 64 << 10;

    private const string ContentType = "application/fhir+json; charset=utf-8";
    private const string Bearer = "Bearer ";

    private readonly PathString _basePath = options.BasePath == "/" ? PathString.Empty : new PathString(options.BasePath);

    private readonly RequestTurns _turns = new(handler, options.Patience);

    private static readonly string[] s_loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    public void Dispose() => _turns.Dispose();

    public async Task HandleAsync(HttpContext context)
    {
        long start = adapter.Clock.MonotonicNanos;
        FhirResponse response;
        using AnswerHold hold = new();
        try
        {
            response = await AnswerAsync(context, hold).ConfigureAwait(false);
            if (response.Position >= 0)
            {
                await store.WaitDurableAsync(response.Position, CancellationToken.None).ConfigureAwait(false);
                adapter.CountStored(start, 1);
            }
        }
        catch (BadHttpRequestException failure)
        {
            response = Outcome.Fail(failure.StatusCode, failure.StatusCode == 413 ? "too-long" : "invalid",
                failure.StatusCode == 413 ? $"The body is longer than {options.MaxBodyBytes} bytes (MaxBodyBytes)."
                : "The request is invalid.");
        }
        catch (EstreamException)
        {
            response = Outcome.Fail(503, "transient", "The queue cannot be read or flushed. Try again later.");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (response.Body.Length <= SmallAnswerBytes)
        {
            hold.Dispose();
        }

        counters.Count(response.Status, response.Code, context.Request.ContentLength ?? 0);
        await WriteAsync(context, response).ConfigureAwait(false);
    }

    private async Task<FhirResponse> AnswerAsync(HttpContext context, AnswerHold hold)
    {
        HttpRequest http = context.Request;
        if (Authenticate(http, out FhirPrincipal? principal) is { } refused)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return refused;
        }

        context.Features.Get<PendingConnection>()?.Accept();
        if (!http.Path.StartsWithSegments(_basePath, StringComparison.Ordinal, out PathString rest))
        {
            return Outcome.Fail(404, "not-found", $"The FHIR server is at {options.BasePath}.");
        }

        if (CheckTypes(http) is { } unacceptable)
        {
            return unacceptable;
        }

        string[] path = rest.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        bool isValidate = FhirHandler.IsValidate(path);
        if (isValidate && http.ContentLength > LazyValidation.MaxBodyBytes)
        {
            return LazyValidation.TooLong;
        }

        using MemoryStream body = new((int)Math.Min(http.ContentLength ?? 0, 1 << 20));
        await http.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        FhirRequest request = new()
        {
            Method = http.Method == "HEAD" ? "GET" : http.Method,
            Path = path,
            Query = http.QueryString.HasValue ? http.QueryString.Value![1..] : "",
            Body = body.GetBuffer().AsMemory(0, (int)body.Length),
            Principal = accesses is null ? principal! : principal! with { Trail = new AccessTrail() },
            IfMatch = http.Headers.IfMatch.ToString(),
            IfNoneMatch = http.Headers.IfNoneMatch.ToString(),
            IfNoneExist = http.Headers["If-None-Exist"].ToString(),
            Prefer = http.Headers["Prefer"].ToString(),
            Budget = new ScanBudget(options.MaxScannedResources, context.RequestAborted),
        };
        return isValidate ? await ValidateAsync(request, context.RequestAborted).ConfigureAwait(false)
            : Record(request, await _turns.RunAsync(request, hold, context.RequestAborted).ConfigureAwait(false));
    }

    /// <summary>Records a request that could read. A response is sent only if its record is stored.</summary>
    private FhirResponse Record(FhirRequest request, FhirResponse response)
    {
        if (accesses is null || request.Principal.Trail is not { } trail || InteractionOf(request) is not { } interaction)
        {
            return response;
        }

        string type = FhirTypes.IsKnown(request.Part(0)) ? request.Part(0) : "";
        return accesses.TryAdd(request.Principal.Name, interaction, type, response.Status, trail) ? response
            : Outcome.Fail(503, "transient", "The queue of access records cannot be written now. Try again later.");
    }

    /// <summary>The interaction of a request that could read (FHIR R4, value set restful-interaction); null for another request. A write
    /// reads if it is a patch or has a condition, whose outcome discloses values of resources.</summary>
    private static string? InteractionOf(FhirRequest request) => (request.Method, request.Path.Count, request.Part(0)) switch
    {
        ("GET", 1, "metadata") => null,
        ("GET", 1, "_history") => "history-system",
        ("GET", 1, _) => "search-type",
        ("GET", 2, _) => request.Part(1) == "_history" ? "history-type" : "read",
        ("GET", 3, _) => "history-instance",
        ("GET", 4, _) => "vread",
        ("POST", 2, _) => "search-type",
        ("POST", 0, _) => "batch",
        ("POST", 1, _) => request.IfNoneExist.Length > 0 ? "create" : null,
        ("PUT", 1, _) => "update",
        ("DELETE", 1, _) => "delete",
        ("PATCH", _, _) => "patch",
        _ => null,
    };

    private async Task<FhirResponse> ValidateAsync(FhirRequest request, CancellationToken cancellation) =>
        request.Method != "POST" ? FhirHandler.NotAllowed()
        : request.Principal.Scopes.Count == 0 ? Outcome.Fail(403, "forbidden", "The token has no scope.")
        : await validation.ValidateAsync(request.Body, request.Part(0), cancellation).ConfigureAwait(false);

    private FhirResponse? Authenticate(HttpRequest http, out FhirPrincipal? principal)
    {
        if (tokens is null)
        {
            // A web page can send requests to loopback under its own name (DNS rebinding), so only loopback names are accepted.
            principal = FhirPrincipal.Anyone;
            return options.UnsafeAllowAnyPeer ? null
                : !s_loopbackNames.Contains(http.Host.Host)
                    ? Outcome.Fail(403, "forbidden", "The header Host does not name this machine. Use localhost, or set TokensFile.")
                : IsForwarded(http)
                    ? Outcome.Fail(403, "forbidden", "A proxy forwarded the request, so the client can be anyone. Set TokensFile.")
                : http.HttpContext.Features.Get<ConnectionUser>() is not { IsOwn: true }
                    ? Outcome.Fail(403, "forbidden",
                        "The client or proxy runs as another user than the server. Run it as the user of the server, or set TokensFile.")
                : null;
        }

        string header = http.Headers.Authorization.ToString();
        principal = header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? tokens().Find(header[Bearer.Length..].Trim()) : null;
        return principal is null ? Outcome.Fail(401, "login", "The request needs a valid bearer token.") : null;
    }

    /// <summary>Whether a proxy forwarded a request. A proxy may add no header; the default of nginx before 1.29 is HTTP/1.0, which no
    /// client of FHIR uses.</summary>
    private static bool IsForwarded(HttpRequest http) =>
        ForwardingHeaders.Names.Any(http.Headers.ContainsKey) || http.Protocol == HttpProtocol.Http10;

    /// <summary>Checks Content-Type and Accept: JSON only.</summary>
    private static FhirResponse? CheckTypes(HttpRequest http)
    {
        string accept = http.Query["_format"].ToString() is { Length: > 0 } format ? format : http.Headers.Accept.ToString();
        bool isAcceptable = accept.Length == 0 || accept.Contains("json", StringComparison.OrdinalIgnoreCase)
            || accept.Contains("*/*", StringComparison.Ordinal) || accept.Contains("application/*", StringComparison.Ordinal);
        if (!isAcceptable)
        {
            return Outcome.Fail(406, "not-supported", "The server writes JSON only: application/fhir+json.");
        }

        string type = http.ContentType ?? "";
        bool isSearch = http.Path.Value!.EndsWith("/_search", StringComparison.Ordinal)
            && type.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase);
        if (http.Method == "PATCH")
        {
            return type.StartsWith(JsonPatch.ContentType, StringComparison.OrdinalIgnoreCase) ? null
                : Outcome.Fail(415, "not-supported", $"The body must be a JSON Patch: Content-Type: {JsonPatch.ContentType}.");
        }

        bool isJson = type.StartsWith("application/fhir+json", StringComparison.OrdinalIgnoreCase)
            || type.StartsWith("application/json", StringComparison.OrdinalIgnoreCase);
        return http.Method is "POST" or "PUT" && !isSearch && !isJson
            ? Outcome.Fail(415, "not-supported", "The body must be JSON: Content-Type: application/fhir+json.") : null;
    }

    private async Task WriteAsync(HttpContext context, FhirResponse response)
    {
        HttpResponse http = context.Response;
        http.StatusCode = response.Status;
        http.Headers.CacheControl = "no-store";
        http.Headers.XContentTypeOptions = "nosniff";
        if (response.Version > 0)
        {
            http.Headers.ETag = response.ETag;
            http.Headers.LastModified = FhirText.ToDateTime(response.LastModified).ToString("R", CultureInfo.InvariantCulture);
        }

        if (response.Location is { } location)
        {
            http.Headers.Location = baseUrl + location;
        }

        if (response.Status is 429 or 503)
        {
            http.Headers[HeaderNames.RetryAfter] = "1";
        }

        if (!response.Body.IsEmpty)
        {
            http.ContentType = ContentType;
            http.ContentLength = response.Body.Length;
            if (context.Request.Method != "HEAD")
            {
                await http.Body.WriteAsync(response.Body, context.RequestAborted).ConfigureAwait(false);
            }
        }
    }
}
