using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Estream.Wire.Fhir.Codec;
using Estream.Wire.Fhir.Resources;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Answers batches and transactions (FHIR R4, 3.1.0.11). The changes of a transaction are one message of the queue, so that all of
/// them are stored, or none. Thread-safe.</summary>
internal sealed class BundleHandler(
    FhirHandler handler, WriteHandler writes, ResourceStore store, ReadAccess access, FhirHandlerOptions options)
{
    private readonly ConditionalReferences _conditional = new(store, access, options.MaxBundleEntries);

    // More servers than this are not copied from in one transaction; each needs a table of all references.
    private const int MaxRoots = 16;

    private static readonly string[] s_order = ["DELETE", "POST", "PUT", "GET"];

    public FhirResponse Handle(FhirRequest request)
    {
        using JsonDocument? json = Utf8.IsValid(request.Body.Span) ? ResourceStore.TryParse(request.Body) : null;
        if (json is null || json.RootElement.Text("resourceType") != "Bundle")
        {
            return Outcome.Fail(400, "structure", "The body is not a Bundle in JSON.");
        }

        JsonElement[] entries = [.. json.RootElement.Member("entry").Items().Take(options.MaxBundleEntries + 1)];
        if (entries.Length > options.MaxBundleEntries)
        {
            return Outcome.Fail(413, "too-costly", $"A bundle can have {options.MaxBundleEntries} entries. Split it.");
        }

        BundleEntry[] requests = [.. entries.Select(entry => ToEntry(entry, request))];
        return json.RootElement.Text("type") switch
        {
            "batch" => Batch(requests),
            "transaction" => Transaction(requests),
            _ => Outcome.Fail(400, "value", "The server accepts a Bundle of type batch or transaction.", "Bundle.type"),
        };
    }

    /// <summary>Whether a bundle has an entry that reads. Reads methods and URLs as <see cref="Handle"/> does, so that no spelling hides
    /// such an entry.</summary>
    public bool CanRead(ReadOnlyMemory<byte> bundle)
    {
        Utf8JsonReader reader = new(bundle.Span, new JsonReaderOptions { MaxDepth = FhirEncoder.MaxDepth });
        int urls = 0;
        try
        {
            while (reader.Read())
            {
                // The request of an entry: the entries are an array, or a single object.
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth is not (3 or 4))
                {
                    continue;
                }

                bool isMethod = reader.ValueTextEquals("method"u8);
                bool isUrl = reader.ValueTextEquals("url"u8);
                if ((!isMethod && !isUrl) || !reader.Read() || reader.TokenType != JsonTokenType.String)
                {
                    continue;
                }

                // Resources have URLs, too. A bundle with many more URLs than entries counts as reading, to avoid a check of each URL.
                if (isMethod ? reader.ValueTextEquals("GET"u8)
                    : ++urls > 2 * options.MaxBundleEntries || IsSearch(reader.GetString()!))
                {
                    return true;
                }
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The bundle is refused.
        }

        return false;
    }

    private bool IsSearch(string url) => FhirRequest.Split(store.Facts.Urls.PathOf(url)).Path is [_, "_search"];

    private BundleEntry ToEntry(JsonElement entry, FhirRequest outer)
    {
        JsonElement request = entry.Member("request");
        (string[] path, string query) = FhirRequest.Split(store.Facts.Urls.PathOf(request.Text("url")));
        string method = request.Text("method");
        return new BundleEntry(entry.Text("fullUrl"), new FhirRequest
        {
            Method = method,
            Path = path,
            Query = query,
            Body = ResourceBuilder.TextOf(entry.Member("resource")),
            Principal = outer.Principal,
            Budget = outer.Budget,
            Prefer = outer.Prefer,
            IfMatch = request.Text("ifMatch"),
            IfNoneMatch = request.Text("ifNoneMatch"),
            IfNoneExist = request.Text("ifNoneExist"),
            NewId = method is "POST" or "PUT" ? Guid.NewGuid().ToString() : null,
        });
    }

    private FhirResponse Batch(BundleEntry[] entries)
    {
        using BundleText bundle = new("batch-response", options.BaseUrl);
        long position = -1;
        foreach (BundleEntry entry in entries)
        {
            FhirResponse response = bundle.Length > SearchHandler.MaxPageBytes
                    ? Outcome.Fail(413, "too-costly", "The response is too long. Split the batch.")
                : entry.Request.Path.Count == 0 ? Outcome.Fail(400, "invalid", "The entry has no request.url.")
                : entry.Request.Method == "PATCH" ? Outcome.Fail(400, "not-supported", "Send a patch in a request of its own.")
                : handler.Handle(entry.Request);
            position = Math.Max(position, response.Position);
            bundle.AddAnswer(response);
        }

        return new FhirResponse(200, bundle.Finish()) { Position = position };
    }

    private FhirResponse Transaction(BundleEntry[] entries)
    {
        FhirResponse?[] responses = new FhirResponse?[entries.Length];
        long position = -1;
        lock (store.Writing)
        {
            if (Write(entries, responses, out position) is { } failure)
            {
                return failure;
            }
        }

        long length = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            responses[i] ??= length > SearchHandler.MaxPageBytes
                ? Outcome.Fail(413, "too-costly", "The response is too long. Read in several requests.")
                : handler.Handle(entries[i].Request);
            length += responses[i]!.Body.Length;
            if (entries[i].Request.Method == "GET" && responses[i] is { IsSuccess: false, Status: not 304 } failed)
            {
                // The changes are stored, so the transaction cannot fail any more: the entry reports its own outcome.
                responses[i] = failed;
            }
        }

        using BundleText bundle = new("transaction-response", options.BaseUrl);
        foreach (FhirResponse? response in responses)
        {
            bundle.AddAnswer(response!);
        }

        return new FhirResponse(200, bundle.Finish()) { Position = position };
    }

    /// <summary>Plans all writes, and commits them together.</summary>
    private FhirResponse? Write(BundleEntry[] entries, FhirResponse?[] responses, out long position)
    {
        position = -1;
        if (Resolve(entries) is { } unresolved)
        {
            return unresolved;
        }

        Dictionary<int, ResourceChange> changes = [];
        HashSet<(string, string)> targets = [];
        long present = -1;
        long length = 0;
        foreach (int i in Enumerable.Range(0, entries.Length).OrderBy(one => Array.IndexOf(s_order, entries[one].Request.Method)))
        {
            FhirRequest request = entries[i].Request;
            if (request.Path.Count == 0 || !s_order.Contains(request.Method))
            {
                return Fail(i, Outcome.Fail(400, "invalid", "The entry has no request.url, or a method that is not supported."));
            }

            if (request.Method == "GET")
            {
                continue;
            }

            WritePlan plan = Access.FhirTypes.IsKnown(request.Part(0)) ? writes.Plan(request)
                : Outcome.Fail(404, "not-supported", "The resource type is not supported.");
            if (plan.Response is { IsSuccess: false } failure)
            {
                return Fail(i, failure);
            }

            responses[i] = plan.Response;
            length += plan.Response?.Body.Length ?? 0;
            if (length > SearchHandler.MaxPageBytes)
            {
                return Fail(i, Outcome.Fail(413, "too-costly", "The response is too long. Split the transaction."));
            }

            present = Math.Max(present, plan.Response?.Position ?? -1);
            if (plan.Change is { } change && !targets.Add((change.Type, change.Id)))
            {
                return Fail(i, Outcome.Fail(400, "duplicate", "Two entries change the same resource."));
            }

            if (plan.Change is not null)
            {
                changes.Add(i, plan.Change);
            }
        }

        FhirResponse? refused = CommitAll(entries, changes, responses, out position);
        position = Math.Max(position, present);
        return refused;
    }

    private FhirResponse? CommitAll(
        BundleEntry[] entries, Dictionary<int, ResourceChange> changes, FhirResponse?[] responses, out long position)
    {
        position = -1;
        if (writes.CheckSubscriptions(changes.Values) is { } tooMany)
        {
            return tooMany;
        }

        if (changes.Count > 0
            && writes.Commit([.. changes.Values], entries[0].Request.Principal, out position) is { } failure)
        {
            return failure;
        }

        foreach ((int i, ResourceChange change) in changes)
        {
            responses[i] = WriteHandler.ToResponse(change, position, entries[i].Request.Prefer);
        }

        return null;
    }

    /// <summary>Replaces references to the <c>fullUrl</c> of an entry by the id that its resource gets, and conditional references by the
    /// resource that matches (FHIR R4, 3.1.0.11.2).</summary>
    private FhirResponse? Resolve(BundleEntry[] entries)
    {
        Dictionary<string, string> references = new(StringComparer.Ordinal);
        string[] targets = new string[entries.Length];
        for (int i = 0; i < entries.Length; i++)
        {
            (string fullUrl, FhirRequest request) = entries[i];
            string target = TargetOf(request);
            string condition = request.Method == "POST" ? request.IfNoneExist : request.Path.Count == 1 ? request.Query : "";
            bool isPresent = false;
            if (request.Method is "POST" or "PUT" or "DELETE" && condition.Length > 0 && Access.FhirTypes.IsKnown(request.Part(0)))
            {
                if (writes.FindMatch(request, condition, out ResourceEntry? match) is { } failure)
                {
                    return Fail(i, failure);
                }

                target = match is null ? target : $"{match.Type}/{match.Id}";
                isPresent = match is not null && request.Method == "POST";
            }

            targets[i] = isPresent || request.Method == "GET" ? "" : target;
            if (target.Length > 0 && fullUrl.Contains(':', StringComparison.Ordinal) && store.Facts.Urls.Normalize(fullUrl) != target
                && !references.TryAdd(fullUrl, target) && references[fullUrl] != target)
            {
                return Fail(i, Outcome.Fail(400, "duplicate", "Two entries have the same fullUrl."));
            }
        }

        if (_conditional.Resolve([.. entries.Select(entry => entry.Request)], targets, references) is { } failed)
        {
            return Fail(failed.Entry, failed.Failure);
        }

        return references.Count > 0 ? Assign(entries, references) : null;
    }

    /// <summary>Gives each entry its references. A relative reference is below the root of the <c>fullUrl</c> of its entry (FHIR R4,
    /// 2.36.4.1).</summary>
    private static FhirResponse? Assign(BundleEntry[] entries, Dictionary<string, string> references)
    {
        ILookup<string, KeyValuePair<string, string>> roots = references.ToLookup(one => RootOf(one.Key), StringComparer.Ordinal);
        if (roots.Count > MaxRoots)
        {
            return Outcome.Fail(413, "too-costly", $"The fullUrls of a transaction can name {MaxRoots} servers. Split it.");
        }

        Dictionary<string, Dictionary<string, string>> byRoot = new(StringComparer.Ordinal) { [""] = references };
        foreach (IGrouping<string, KeyValuePair<string, string>> group in roots.Where(one => one.Key.Length > 0))
        {
            Dictionary<string, string> all = byRoot[group.Key] = new(references, StringComparer.Ordinal);
            foreach ((string fullUrl, string target) in group)
            {
                all.TryAdd(fullUrl[group.Key.Length..], target);
            }
        }

        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = entries[i] with
            {
                Request = entries[i].Request with
                {
                    References = byRoot.GetValueOrDefault(RootOf(entries[i].FullUrl), references),
                },
            };
        }

        return null;
    }

    /// <summary>The server that a URL of a resource names, ending in '/'; empty for another URL.</summary>
    private static string RootOf(string fullUrl)
    {
        int id = fullUrl.LastIndexOf('/');
        int type = id > 0 ? fullUrl.LastIndexOf('/', id - 1) : -1;
        return type > 0 && fullUrl.StartsWith("http", StringComparison.Ordinal)
            && FhirReference.TryParseRelative(Encoding.UTF8.GetBytes(fullUrl[(type + 1)..]), out _, out _) ? fullUrl[..(type + 1)] : "";
    }

    /// <summary>The resource that an entry changes if its condition matches none; empty if the entry changes none.</summary>
    private static string TargetOf(FhirRequest request)
    {
        string type = request.Part(0);
        switch (request.Method, request.Path.Count)
        {
            case ("POST", _):
                return $"{type}/{request.NewId}";
            case (_, 2):
                return $"{type}/{request.Part(1)}";
            case ("PUT", 1):
                ResourceBuilder.ReadId(request.Body, type, out string id);
                return $"{type}/{(id.Length > 0 ? id : request.NewId)}";
            default:
                return "";
        }
    }

    private static FhirResponse Fail(int entry, FhirResponse failure) =>
        Outcome.Fail(failure.Status, failure.Code, $"Entry {entry}: {failure.Diagnostics} Nothing was stored.", $"Bundle.entry[{entry}]");
}

/// <summary>An entry of a batch or transaction.</summary>
internal sealed record BundleEntry(string FullUrl, FhirRequest Request);
