using System.Globalization;
using Estream.Wire.Fhir.Access;
using Estream.Wire.Fhir.Store;

namespace Estream.Wire.Fhir.Rest;

/// <summary>Answers read and vread (FHIR R4, 3.1.0.2 and 3.1.0.3). Thread-safe.</summary>
internal sealed class ReadHandler(ResourceStore store, ReadAccess access)
{
    public FhirResponse Read(FhirRequest request, string type, string id)
    {
        if (!request.Principal.MayTry(type, SmartAction.Read))
        {
            return Refuse(AccessDecision.OutOfScope);
        }

        ResourceEntry? entry = store.Read(index => index.Find(type, id));
        return entry is null ? NotFound()
            : Answer(request, entry, store.Read(_ => entry.Current));
    }

    public FhirResponse ReadVersion(FhirRequest request, string type, string id, string version)
    {
        if (!request.Principal.MayTry(type, SmartAction.Read))
        {
            return Refuse(AccessDecision.OutOfScope);
        }

        ResourceEntry? entry = store.Read(index => index.Find(type, id));
        bool isNumber = long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out long number);
        ResourceVersion? found = entry is null || !isNumber ? null
            : store.Read(_ => number >= 1 && number <= entry.Versions.Count ? entry.Versions[(int)number - 1] : (ResourceVersion?)null);
        return found is null ? NotFound() : Answer(request, entry!, found.Value);
    }

    public static FhirResponse Refuse(AccessDecision decision) => decision == AccessDecision.OutOfScope
        ? Outcome.Fail(403, "forbidden", "No scope of the token covers this interaction.")
        : Outcome.Fail(403, "suppressed", "The consent of the patient does not permit this access.");

    /// <summary>The answer for a resource that does not exist or that the client may not read. Both cases get the same answer, so that no
    /// client learns which ids exist (FHIR R4, Security, "Access Denied Response Handling").</summary>
    public static FhirResponse NotFound() => Outcome.Fail(404, "not-found", "The server has no such resource or version.");

    private FhirResponse Answer(FhirRequest request, ResourceEntry entry, ResourceVersion version)
    {
        AccessDecision decision = access.TryRead(request.Principal, SmartAction.Read, entry, version, out byte[]? text);
        if (decision != AccessDecision.Permitted)
        {
            return NotFound();
        }

        if (text is null)
        {
            return Outcome.Fail(410, "deleted", "The resource was deleted.") with
            {
                Version = version.Number,
                LastModified = version.LastUpdated,
            };
        }

        FhirResponse response = new(200, text) { Version = version.Number, LastModified = version.LastUpdated };
        return request.IfNoneMatch == response.ETag ? response with { Status = 304, Body = default } : response;
    }
}
