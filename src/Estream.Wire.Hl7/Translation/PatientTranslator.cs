using Estream.Esf.Items;
using Estream.Health;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Translates PID into FhirPatient. All values of the person are in private fields; displays of codes are stored as private text,
/// since senders put free text there.</summary>
internal sealed class PatientTranslator(Hl7TranslationOptions options) : Hl7Translator(options)
{
    protected override TranslateStatus Write(
        scoped in Hl7Message message, ReadOnlySpan<byte> topic, Hl7Work work, Span<byte> destination, out int length)
    {
        length = 0;
        Hl7Segment pid = message.First("PID"u8);
        if (!pid.Exists)
        {
            return TranslateStatus.Unfit("the message has no PID segment");
        }

        Span<byte> id = work.Id;
        if (!TryWritePatientId(message, work, id))
        {
            return TranslateStatus.Unfit("PID-3 has no patient identifier of a supported length");
        }

        Hl7Text text = work.Text;
        FhirPatient.Writer writer = FhirPatient.Write(destination);
        writer.Id = id;
        WriteIdentifiers(ref writer, pid, text);
        WriteNames(ref writer, pid, text);
        WriteTelecom(ref writer, pid, work);
        WriteAddresses(ref writer, pid, text);
        WriteDates(ref writer, pid, work);
        if (Hl7Value.IsPresent(pid[8].Component(1)))
        {
            writer.Gender = pid[8].Component(1)[0] switch
            {
                (byte)'M' => AdministrativeGender.Male,
                (byte)'F' => AdministrativeGender.Female,
                (byte)'U' => AdministrativeGender.Unknown,
                _ => AdministrativeGender.Other,
            };
        }

        if (!text.Read(pid[16].Component(1)).IsEmpty)
        {
            FhirPatient.CodeableConceptWriter status = writer.BeginMaritalStatus();
            var codings = status.BeginCoding();
            FhirPatient.CodingWriter coding = codings.Begin();
            coding.System = "http://terminology.hl7.org/CodeSystem/v2-0002"u8;
            coding.Code = text.Read(pid[16].Component(1));
            codings.End(coding);
            status.EndCoding(codings);
            writer.EndMaritalStatus(status);
        }

        length = writer.Length;
        return TranslateStatus.Ok;
    }

    /// <summary>PID-3, PID-18 as the account, PID-19 as the social security number.</summary>
    private static void WriteIdentifiers(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Text text)
    {
        var identifiers = writer.BeginIdentifier();
        foreach (Hl7Field one in pid[3].Repetitions)
        {
            Add(ref identifiers, one, one.Component(5), text);
        }

        Add(ref identifiers, pid[18].First, "AN"u8, text);
        Add(ref identifiers, pid[19].First, "SS"u8, text);
        writer.EndIdentifier(identifiers);

        static void Add(
            ref EsfNestedArrayWriter<FhirPatient.IdentifierWriter> identifiers, Hl7Field field, ReadOnlySpan<byte> type,
            Hl7Text text)
        {
            if (text.Read(field.Component(1)).IsEmpty)
            {
                return;
            }

            FhirPatient.IdentifierWriter identifier = identifiers.Begin();
            identifier.Value = text.Read(field.Component(1));
            ReadOnlySpan<byte> system = text.Read(field.SubComponent(4, 2).IsEmpty ? field.SubComponent(4, 1) : field.SubComponent(4, 2));
            if (!system.IsEmpty)
            {
                identifier.System = system;
            }

            if (!text.Read(type).IsEmpty)
            {
                FhirPatient.CodeableConceptWriter concept = identifier.BeginType();
                var codings = concept.BeginCoding();
                FhirPatient.CodingWriter coding = codings.Begin();
                coding.System = "http://terminology.hl7.org/CodeSystem/v2-0203"u8;
                coding.Code = text.Read(type);
                codings.End(coding);
                concept.EndCoding(codings);
                identifier.EndType(concept);
            }

            identifiers.End(identifier);
        }
    }

    /// <summary>PID-5 and PID-9, data type XPN: family, given, further given, suffix, prefix, …, name type.</summary>
    private static void WriteNames(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Text text)
    {
        var names = writer.BeginName();
        for (int field = 5; field <= 9; field += 4)
        {
            foreach (Hl7Field one in pid[field].Repetitions)
            {
                if (text.Read(one.Component(1)).IsEmpty && text.Read(one.Component(2)).IsEmpty)
                {
                    continue;
                }

                FhirPatient.HumanNameWriter name = names.Begin();
                if (!text.Read(one.SubComponent(1, 1)).IsEmpty)
                {
                    name.Family = text.Read(one.SubComponent(1, 1));
                }

                var given = name.BeginGiven();
                AddIfPresent(ref given, text.Read(one.Component(2)));
                AddIfPresent(ref given, text.Read(one.Component(3)));
                name.EndGiven(given);
                var prefix = name.BeginPrefix();
                AddIfPresent(ref prefix, text.Read(one.Component(5)));
                name.EndPrefix(prefix);
                var suffix = name.BeginSuffix();
                AddIfPresent(ref suffix, text.Read(one.Component(4)));
                name.EndSuffix(suffix);
                if (UseOf(one.Component(7)) is { } use)
                {
                    name.Use = use;
                }

                names.End(name);
            }
        }

        writer.EndName(names);
    }

    private static void AddIfPresent<TItem>(ref EsfArrayWriter<ReadOnlySpan<byte>, TItem> texts, ReadOnlySpan<byte> value)
        where TItem : struct, IEsfValueItem<ReadOnlySpan<byte>>
    {
        if (!value.IsEmpty)
        {
            texts.Add(value);
        }
    }

    /// <summary>HL7 table 0200.</summary>
    private static NameUse? UseOf(ReadOnlySpan<byte> type) => type.Length != 1 ? null : type[0] switch
    {
        (byte)'L' => NameUse.Official,
        (byte)'M' => NameUse.Maiden,
        (byte)'N' => NameUse.Nickname,
        (byte)'S' => NameUse.Anonymous,
        (byte)'T' => NameUse.Temp,
        (byte)'D' => NameUse.Usual,
        _ => null,
    };

    /// <summary>PID-13 (home) and PID-14 (work), data type XTN.</summary>
    private static void WriteTelecom(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Work work)
    {
        Hl7Text text = work.Text;
        var contacts = writer.BeginTelecom();
        for (int field = 13; field <= 14; field++)
        {
            foreach (Hl7Field one in pid[field].Repetitions)
            {
                bool isEmail = !text.Read(one.Component(4)).IsEmpty;
                int component = isEmail ? 4 : !text.Read(one.Component(1)).IsEmpty ? 1 : 12;
                bool isSplit = !isEmail && text.Read(one.Component(component)).IsEmpty;
                component = isSplit ? 7 : component;
                if (text.Read(one.Component(component)).IsEmpty)
                {
                    continue;
                }

                FhirPatient.ContactPointWriter contact = contacts.Begin();
                contact.System = isEmail ? ContactPointSystem.Email
                    : one.Component(3).SequenceEqual("FX"u8) ? ContactPointSystem.Fax
                    : one.Component(3).SequenceEqual("BP"u8) ? ContactPointSystem.Pager
                    : ContactPointSystem.Phone;
                contact.Use = one.Component(3).SequenceEqual("CP"u8) ? ContactPointUse.Mobile
                    : field == 13 ? ContactPointUse.Home : ContactPointUse.Work;
                if (isSplit)
                {
                    WriteSplitNumber(ref contact, one, work.Time);
                }
                else
                {
                    contact.Value = text.Read(one.Component(component));
                }

                contacts.End(contact);
            }
        }

        writer.EndTelecom(contacts);
    }

    /// <summary>Country, area, local number and extension in separate components.</summary>
    private static void WriteSplitNumber(ref FhirPatient.ContactPointWriter contact, Hl7Field field, Span<byte> number)
    {
        const int MaxPart = 16;
        int length = 0;
        for (int component = 5; component <= 8; component++)
        {
            ReadOnlySpan<byte> part = field.Component(component);
            if (!part.IsEmpty && part.Length <= MaxPart && System.Text.Ascii.IsValid(part))
            {
                if (length > 0)
                {
                    number[length++] = (byte)' ';
                }

                part.CopyTo(number[length..]);
                length += part.Length;
            }
        }

        contact.Value = number[..length];
    }

    /// <summary>PID-11, data type XAD: street, other, city, state, postal code, country, type, …, county.</summary>
    private static void WriteAddresses(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Text text)
    {
        var addresses = writer.BeginAddress();
        foreach (Hl7Field one in pid[11].Repetitions)
        {
            FhirPatient.AddressWriter address = addresses.Begin();
            var lines = address.BeginLine();
            AddIfPresent(ref lines, text.Read(one.SubComponent(1, 1)));
            AddIfPresent(ref lines, text.Read(one.Component(2)));
            address.EndLine(lines);
            if (!text.Read(one.Component(3)).IsEmpty)
            {
                address.City = text.Read(one.Component(3));
            }

            if (!text.Read(one.Component(4)).IsEmpty)
            {
                address.State = text.Read(one.Component(4));
            }

            if (!text.Read(one.Component(5)).IsEmpty)
            {
                address.PostalCode = text.Read(one.Component(5));
            }

            if (!text.Read(one.Component(6)).IsEmpty)
            {
                address.Country = text.Read(one.Component(6));
            }

            if (!text.Read(one.Component(9)).IsEmpty)
            {
                address.District = text.Read(one.Component(9));
            }

            if (one.Component(7) is { Length: 1 } type)
            {
                address.Use = type[0] switch
                {
                    (byte)'H' or (byte)'P' => AddressUse.Home,
                    (byte)'B' or (byte)'O' => AddressUse.Work,
                    (byte)'C' => AddressUse.Temp,
                    _ => AddressUse.Home,
                };
            }

            addresses.End(address);
        }

        writer.EndAddress(addresses);
    }

    /// <summary>PID-7 birth, PID-24 and 25 multiple birth, PID-29 and 30 death.</summary>
    private void WriteDates(ref FhirPatient.Writer writer, Hl7Segment pid, Hl7Work work)
    {
        Span<byte> time = work.Time;
        int length = Hl7Time.ToDate(pid[7].Component(1), time);
        if (length > 0)
        {
            writer.BirthDate = time[..length];
        }

        if (Hl7Number.TryRead(pid[25].Bytes, out Hl7Number order) && order is { Scale: 0, Value: > 0 and < 100 })
        {
            writer.MultipleBirthOrder = (int)order.Value;
        }
        else if (pid[24].Bytes is { Length: 1 } multiple)
        {
            writer.MultipleBirth = multiple[0] == (byte)'Y';
        }

        length = Hl7Time.ToFhir(pid[29].Component(1), Options.Offset, time);
        if (length > 0)
        {
            writer.DeceasedAt = time[..length];
        }
        else if (pid[30].Bytes is { Length: 1 } deceased)
        {
            writer.Deceased = deceased[0] == (byte)'Y';
        }
    }
}
