using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Access;

/// <summary>All requests that read resources.</summary>
internal static class ReadPaths
{
    /// <summary>The text that a denied observation has, and no answer may have.</summary>
    public const string Secret = "value-of-the-observation";

    /// <summary>Checks that no request discloses an observation that consents deny. No other observation may be readable.</summary>
    public static async Task AssertDeniedAsync(ServerRig rig, string id, string token)
    {
        Answer read = await rig.SendAsync("GET", $"Observation/{id}", null, token);
        Assert.Equal((404, "not-found"), (read.Status, read.Issue));
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}/_history/1", null, token)).Status);
        Assert.Equal(404, (await rig.SendAsync("GET", $"Observation/{id}/_history", null, token)).Status);
        Answer absent = await rig.SendAsync("GET", "Observation/there-is-no-such-id", null, token);
        Assert.Equal((absent.Status, absent.Body), (read.Status, read.Body));
        foreach (string query in (string[])["", "?_sort=-date", "?patient.identifier=urn:mrn|7", "?subject:Patient._id=p"])
        {
            Answer search = await rig.SendAsync("GET", "Observation" + query, null, token);
            Assert.Empty(search.Ids);
            Assert.Equal(0, search.Root.GetProperty("total").GetInt32());
        }

        Answer patch = await rig.SendAsync("PATCH", $"Observation/{id}", """[{"op":"test","path":"/status","value":"final"}]""", token);
        Assert.Equal((404, "not-found"), (patch.Status, patch.Issue));
        Assert.DoesNotContain(id, (await rig.SendAsync("GET", "_history", null, token)).Body, StringComparison.Ordinal);
        Assert.DoesNotContain(id, (await rig.SendAsync("GET", "Observation/_history", null, token)).Body, StringComparison.Ordinal);
        foreach (string type in (string[])["batch", "transaction"])
        {
            Answer bundle = await rig.SendAsync("POST", "", $$$"""
                {"resourceType":"Bundle","type":"{{{type}}}","entry":[{"request":{"method":"GET","url":"Observation/{{{id}}}"}},
                 {"request":{"method":"GET","url":"{{{rig.BaseUrl}}}Observation/{{{id}}}"}},
                 {"request":{"method":"GET","url":"Observation"}}]}
                """, token);
            Assert.Equal(3, bundle.Body.Split("\"status\":\"404\"").Length);
            Assert.DoesNotContain(Secret, bundle.Body, StringComparison.Ordinal);
        }
    }
}
