using System.Text.Json;
using Estream.Wire.Fhir.Tests.Rig;

namespace Estream.Wire.Fhir.Tests.Rest;

public sealed class SortTests
{
    private static readonly (string Id, string Date)[] s_observations =
        [("a", "2026-02-03"), ("b", "2026-01-01"), ("c", ""), ("d", "2026"), ("e", "2026-02-03"), ("f", "2025-12-31T23:00:00Z")];

    [Theory]
    [InlineData("", "a b c d e f")]
    [InlineData("_sort=date", "f b d a e c")]
    [InlineData("_sort=-date", "d a e b f c")]
    [InlineData("_sort=-date,_lastUpdated", "d e a b f c")]
    [InlineData("_sort=_lastUpdated", "b c d e f a")]
    [InlineData("_sort=-_lastUpdated", "a f e d c b")]
    [InlineData("status=final&_sort=date", "f b d e c")]
    public async Task Pages_are_in_the_order_of_sort(string query, string ids)
    {
        await using ServerRig rig = await StartAsync();
        foreach (int count in (int[])[1, 2, 6])
        {
            Assert.Equal(ids.Split(' '), await ReadAllAsync(rig, $"Observation?{query}&_count={count}"));
        }
    }

    [Fact]
    public async Task Patients_are_sorted_by_birthdate()
    {
        await using ServerRig rig = await ServerRig.StartAsync();
        foreach ((string id, string date) in ((string, string)[])[("p", "1970-02"), ("q", "1950"), ("r", "1970-03-01")])
        {
            await rig.SendAsync("PUT", $"Patient/{id}", $$$"""{"resourceType":"Patient","id":"{{{id}}}","birthDate":"{{{date}}}"}""");
        }

        Assert.Equal(["q", "p", "r"], (await rig.SendAsync("GET", "Patient?_sort=birthdate")).Ids);
        Assert.Equal(["r", "p", "q"], (await rig.SendAsync("GET", "Patient?_sort=-birthdate")).Ids);
    }

    [Fact]
    public async Task A_page_does_not_repeat_a_resource_that_moves_in_the_order()
    {
        await using ServerRig rig = await StartAsync();
        Answer first = await rig.SendAsync("GET", "Observation?_sort=-_lastUpdated&_count=2");
        Assert.Equal(["a", "f"], first.Ids);
        await PutAsync(rig, "b", "2026-01-01", "final");
        Assert.Equal(["e", "d"], (await rig.SendAsync("GET", NextOf(first)!)).Ids);
    }

    private static async Task<ServerRig> StartAsync()
    {
        ServerRig rig = await ServerRig.StartAsync();
        foreach ((string id, string date) in s_observations)
        {
            await PutAsync(rig, id, date, "final");
        }

        await PutAsync(rig, "a", "2026-02-03", "amended");
        return rig;
    }

    // lastUpdated has milliseconds, so each write takes one of its own.
    private static async Task PutAsync(ServerRig rig, string id, string date, string status)
    {
        string effective = date.Length == 0 ? "" : $"\"effectiveDateTime\":\"{date}\",";
        Answer answer = await rig.SendAsync("PUT", $"Observation/{id}",
            $$$"""{"resourceType":"Observation","id":"{{{id}}}",{{{effective}}}"status":"{{{status}}}","code":{"text":"c"}}""");
        Assert.True(answer.Status is 200 or 201, answer.Body);
        long after = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        SpinWait.SpinUntil(() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() > after);
    }

    private static async Task<List<string>> ReadAllAsync(ServerRig rig, string query)
    {
        List<string> ids = [];
        for (string? next = query; next is not null;)
        {
            Answer page = await rig.SendAsync("GET", next);
            Assert.True(page.Status == 200, page.Body);
            ids.AddRange(page.Ids);
            next = NextOf(page);
        }

        return ids;
    }

    private static string? NextOf(Answer page) => page.Root.GetProperty("link").EnumerateArray()
        .Where(link => link.GetProperty("relation").GetString() == "next").Select(link => link.GetProperty("url").GetString())
        .SingleOrDefault();
}
