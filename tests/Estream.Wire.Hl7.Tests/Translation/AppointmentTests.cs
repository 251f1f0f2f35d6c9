using System.Text.Json;

namespace Estream.Wire.Hl7.Tests.Translation;

/// <summary>SIU becomes FhirAppointment.</summary>
public sealed class AppointmentTests
{
    private const string Siu = "MSH|^~\\&|SCH|GH|EHR|GH|20260101||SIU^S12|77|P|2.5\r"
        + "SCH|P1|F1||||ROUTINE^moved^L|CHECKUP|Normal|1|h|^^^20260102080000+0100^20260102090000+0100||||||||||||||Pending\r"
        + "NTE|1||bring card\rPID|1||567^^^GH\rRGS|1\rAIS|1||58410-2^Blood count^LN\rNTE|1||not of the appointment\r"
        + "AIG|1||123^Counter^L|011^Equipment^L\rAIL|1||Lab^Room 1\rAIP|1||400^Bow^Tim|019^Phlebotomist^L\r";

    [Fact]
    public void Appointment_has_the_values_of_SCH_and_its_resources()
    {
        JsonElement one = Translated.Appointment(Siu);
        Assert.Equal("Pending", one.GetProperty("status").GetString());
        Assert.Equal(["P1", "F1"], one.GetProperty("identifier").EnumerateArray().Select(id => id.GetProperty("value").GetString()));
        Assert.Equal("2026-01-02T08:00:00+01:00", one.GetProperty("start").GetString());
        Assert.Equal("2026-01-02T09:00:00+01:00", one.GetProperty("end").GetString());
        Assert.Equal(60, one.GetProperty("minutes_duration").GetInt32());
        Assert.Equal(["bring card"], one.GetProperty("comment").EnumerateArray().Select(note => note.GetString()));
        Assert.Equal("Blood count", one.GetProperty("service_type")[0].GetProperty("text").GetString());
        Assert.Equal("CHECKUP", one.GetProperty("reason_code")[0].GetProperty("text").GetString());
        Assert.False(one.TryGetProperty("cancelation_reason", out _));
        JsonElement[] participants = [.. one.GetProperty("participant").EnumerateArray()];
        Assert.Equal(4, participants.Length);
        Assert.All(participants, participant => Assert.Equal("Tentative", participant.GetProperty("status").GetString()));
        Assert.Equal("Patient/" + Translated.Id(Translated.Patient(Siu)),
            participants[0].GetProperty("actor").GetProperty("reference").GetString());
        Assert.Equal("400", participants[3].GetProperty("actor").GetProperty("identifier_value").GetString());
        Assert.DoesNotContain("CHECKUP", Translated.Public("FhirAppointment", Siu), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("S12", "", "Booked")]
    [InlineData("S13", "Booked", "Booked")]
    [InlineData("S14", "COMPLETE", "Fulfilled")]
    [InlineData("S14", "Started", "Arrived")]
    [InlineData("S15", "Booked", "Cancelled")]
    [InlineData("S16", "", "Cancelled")]
    [InlineData("S17", "", "EnteredInError")]
    [InlineData("S26", "", "Noshow")]
    [InlineData("S14", "wife called", "Booked")]
    public void Appointment_has_the_status_after_the_event(string trigger, string status, string expected) =>
        Assert.Equal(expected, Translated.Appointment(Siu.Replace("S12", trigger, StringComparison.Ordinal)
            .Replace("Pending", status, StringComparison.Ordinal)).GetProperty("status").GetString());

    [Fact]
    public void Cancelled_appointment_keeps_its_id_and_has_a_reason()
    {
        JsonElement one = Translated.Appointment(Siu.Replace("S12", "S15", StringComparison.Ordinal));
        Assert.Equal(Translated.Id(Translated.Appointment(Siu)), Translated.Id(one));
        Assert.Equal("ROUTINE", one.GetProperty("cancelation_reason").GetProperty("coding")[0].GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("|1|h|", "|90|MIN|", 90)]
    [InlineData("|1|h|", "|5400|s|", -1)]
    [InlineData("|1|h|", "|1.5|h|", -1)]
    [InlineData("|1|h|", "|999999999999|h|", -1)]
    [InlineData("|1|h|", "|-5|min|", -1)]
    public void Duration_is_stored_in_minutes(string from, string to, int expected)
    {
        JsonElement one = Translated.Appointment(Siu.Replace(from, to, StringComparison.Ordinal));
        Assert.Equal(expected, one.TryGetProperty("minutes_duration", out JsonElement minutes) ? minutes.GetInt32() : -1);
    }
}
